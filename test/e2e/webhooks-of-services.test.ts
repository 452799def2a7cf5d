/** What is told of services and their instances: other numbers of them, changes that end, and those that are given up. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { changeIn, drivenService, endOfChange, servingThrough, until } from '../system/driven-services.ts';
import { startEventReceiver } from '../system/event-receiver.ts';
import { freePort } from '../system/free-port.ts';
import { systemForTest } from '../system/system-for-test.ts';

const bound = 120_000;

/** A service that is well as long as it is there. */
async function startWell(port: number) {
  const server = createServer((_request, response) => response.end()).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function listening(services: Parameters<typeof drivenService>[0][], webhook: object) {
  const receiver = await startEventReceiver();
  onTestFinished(receiver.close);
  const manifest = { services: services.map(drivenService), workflows: [] };
  const { door } = await systemForTest({ manifest });
  const { code } = await door('create_webhook', { url: receiver.url, ...webhook });
  expect(code).toBeUndefined();
  return { door, told: () => receiver.taken().map(({ type, subject, data }) => ({ type, subject, data })) };
}

it(
  'a service that is scaled, the change that did it, and how its instances become healthy',
  async () => {
    const { door, told } = await listening([{ name: 'mail' }, { name: 'other' }], { services: ['mail'] });
    await until(async () => (await servingThrough(door, 'mail'))[0]);
    const { body } = await door('scale_service', { service: 'mail', instances: 2, reason: 'marked-reason' });
    await door('scale_service', { service: 'other', instances: 2 });
    const { changeId, status } = await endOfChange(door, changeIn(body).changeId);
    expect(status).toBe('SUCCEEDED');
    await expect
      .poll(() => [...new Set(told().map(({ type }) => type))].sort(), { timeout: 10_000 })
      .toEqual(expect.arrayContaining(['change.ended', 'instance.health-changed', 'service.scaled']));
    expect(told()).toContainEqual({
      type: 'instance.health-changed',
      subject: 'instance/mail/mail-2',
      data: { service: 'mail', instance: 'mail-2', from: 'UNKNOWN', to: 'HEALTHY' },
    });
    expect(JSON.stringify(told())).not.toContain('other');
    expect(told()).toContainEqual({
      type: 'service.scaled',
      subject: 'service/mail',
      data: { service: 'mail', from: 1, to: 2, by: expect.any(String) },
    });
    expect(told()).toContainEqual({
      type: 'change.ended',
      subject: `change/${changeId}`,
      data: {
        changeId,
        kind: 'scale',
        services: ['mail'],
        status: 'SUCCEEDED',
        requestedBy: expect.any(String),
        requestedAt: expect.any(String),
        endedAt: expect.any(String),
      },
    });
    expect(JSON.stringify(told())).not.toContain('marked-reason');
  },
  bound,
);

it('an instance that is quarantined, without what it said', {
  tags: ['long'],
  timeout: bound,
}, async () => {
  const { told } = await listening([{ name: 'crashing', env: { EXIT_AFTER_MS: '50' } }], {
    types: ['instance.quarantined'],
  });
  await expect.poll(told, { timeout: 60_000 }).toEqual([
    {
      type: 'instance.quarantined',
      subject: 'instance/crashing/crashing-1',
      data: { service: 'crashing', instance: 'crashing-1' },
    },
  ]);
});

it('a service as a whole, when what it requires does not answer any more, and when it does again', {
  tags: ['long'],
  timeout: bound,
}, async () => {
  const receiver = await startEventReceiver();
  onTestFinished(receiver.close);
  const { door } = await systemForTest({});
  const port = await freePort();
  let graph = await startWell(port);
  const mail = await startWell(await freePort());
  onTestFinished(() => {
    graph.close();
    mail.close();
  });
  const quick = { kind: 'tcp', intervalSeconds: 5, timeoutSeconds: 1, graceSeconds: 0 };
  const version = { version: '1.0.0', transport: 'rest', healthCheck: quick };
  await door('register_service', { ...version, name: 'graph', url: graph.url });
  await door('register_service', {
    ...version,
    name: 'mail',
    url: mail.url,
    dependencies: [{ service: 'graph', versionRange: '^1.0.0', required: true }],
  });
  await door('create_webhook', { url: receiver.url, types: ['service.health-changed'], services: ['mail'] });
  const healthOf = async () => (await door('get_service_health', { service: 'mail' })).body;
  await expect.poll(healthOf, { timeout: 20_000 }).toMatchObject({ health: 'HEALTHY' });
  graph.close();
  const told = () => receiver.taken().map(({ subject, data }) => [subject, data]);
  const because = ['it requires graph, which is UNHEALTHY'];
  const degraded = { service: 'mail', from: 'HEALTHY', to: 'DEGRADED', because };
  await expect.poll(told, { timeout: 60_000 }).toContainEqual(['service/mail', degraded]);
  graph = await startWell(port);
  const healthy = { service: 'mail', from: 'DEGRADED', to: 'HEALTHY', because: [] };
  await expect.poll(told, { timeout: 60_000 }).toContainEqual(['service/mail', healthy]);
});
