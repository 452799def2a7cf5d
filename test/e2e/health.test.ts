/** How services are, as health checks find out: of the urls of registrations, and of what registered itself. */
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import * as z from 'zod';
import { doors, restDoor } from '../system/clients.ts';
import { freePort } from '../system/free-port.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { startScriptedMcp } from '../system/scripted-mcp.ts';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';

let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem();
}, 60_000);

afterAll(() => system.close());

const Health = z.object({
  health: z.string(),
  because: z.array(z.string()),
  instances: z.array(
    z.object({
      id: z.string(),
      health: z.string(),
      reason: z.string().optional(),
      since: z.string().optional(),
    }),
  ),
  needs: z.array(z.object({ service: z.string(), health: z.string().optional() })),
});

const isoTime = /^\d{4}-\d\d-\d\dT/;
const quick = { kind: 'http', path: '/health', intervalSeconds: 5, timeoutSeconds: 1, graceSeconds: 0 };

/** A service that is well until it is told otherwise. */
async function startWell(): Promise<ScriptedService & { status: number }> {
  const state = { status: 200 };
  const service = await startScriptedService((_seen, response) => response.writeHead(state.status).end());
  onTestFinished(() => service.close());
  return Object.assign(state, service);
}

const until = <T>(look: () => Promise<T>): Promise<T> => vi.waitFor(look, { timeout: 30_000, interval: 100 });

describe.each(doors)('health over $door', ({ door: name, open }) => {
  const door: ReturnType<typeof open> = (operation, input) => open(system.endpoints)(operation, input);
  const called = (what: string) => `${what}-${name.toLowerCase()}`;
  const healthOf = async (service: string) =>
    Health.parse((await door('get_service_health', { service })).body);

  it('is unknown until somebody has looked, and then healthy', async () => {
    const service = called('well');
    const { url } = await startWell();
    await door('register_service', { name: service, version: '1.0.0', transport: 'rest', url });
    const first = await healthOf(service);
    expect(['UNKNOWN', 'HEALTHY']).toContain(first.health);
    await until(async () => {
      expect(await healthOf(service)).toMatchObject({ health: 'HEALTHY', because: [], needs: [] });
    });
  });

  it('is judged by threshold, named with its reason, and told to who needs the service', {
    tags: ['long'],
  }, async () => {
    const [service, user] = [called('failing'), called('user')];
    const well = await startWell();
    const registration = { version: '1.0.0', transport: 'rest', url: well.url };
    await door('register_service', {
      ...registration,
      name: service,
      healthCheck: { ...quick, failuresBeforeUnhealthy: 1 },
    });
    await door('register_service', { ...registration, name: user, dependencies: [{ service }] });
    for (const one of [service, user])
      await until(async () => expect((await healthOf(one)).health).toBe('HEALTHY'));
    well.status = 503;
    const host = new URL(well.url).host;
    const reason = `it fails its checks: ${host}/health answered 503`;
    await until(async () => {
      expect(await healthOf(service)).toMatchObject({
        health: 'UNHEALTHY',
        because: [`instance ${service}@${host} is UNHEALTHY: ${reason}`],
        instances: [{ id: `${service}@${host}`, health: 'UNHEALTHY', reason }],
      });
    });
    expect(await healthOf(user)).toMatchObject({
      health: 'DEGRADED',
      because: [`it requires ${service}, which is UNHEALTHY`],
    });
    const { changes, hours } = z
      .object({
        changes: z.array(z.looseObject({ health: z.string() })),
        hours: z.array(z.object({ changes: z.number() })),
      })
      .parse((await door('get_health_history', { service })).body);
    expect(changes).toMatchObject([
      { instance: `${service}@${host}`, before: 'HEALTHY', health: 'UNHEALTHY', reason },
      { instance: `${service}@${host}`, before: 'UNKNOWN', health: 'HEALTHY', reason: 'its check passes' },
    ]);
    expect(hours.reduce((sum, hour) => sum + hour.changes, 0)).toBe(2);
    const healthyAt = z.looseObject({ at: z.string() }).parse(changes[1]).at;
    const [from, to] = [100, 1_100].map((ms) => new Date(Date.parse(healthyAt) + ms).toISOString());
    const past = await door('get_health_history', { service, from, to });
    const seconds = z
      .object({ hours: z.array(z.object({ healthySeconds: z.number() })) })
      .parse(past.body)
      .hours.reduce((sum, hour) => sum + hour.healthySeconds, 0);
    expect(seconds).toBe(1);
  });

  it('is told of no time that is to come', async () => {
    const service = called('well');
    const ahead = (ms: number) => new Date(Date.now() + ms).toISOString();
    const refused = await door('get_health_history', { service, from: ahead(60_000), to: ahead(120_000) });
    expect(refused).toMatchObject({ body: { errors: [{ path: 'from' }] } });
    const asked = await door('get_health_history', { service, to: ahead(3_600_000) });
    const { to } = z.object({ to: z.string() }).parse(asked.body);
    expect(Date.parse(to)).toBeLessThan(Date.now() + 1_000);
  });

  it('is asked at once, and says what was seen', async () => {
    const service = called('asked');
    const well = await startWell();
    const tool = await startScriptedMcp(['echo'], () => ({}));
    onTestFinished(() => tool.close());
    await door('register_service', {
      name: service,
      version: '1.0.0',
      transport: 'rest',
      url: well.url,
      healthCheck: quick,
    });
    await door('register_instance', { service, id: 'own', version: '1.0.0', url: `${tool.url}/other` });
    well.status = 500;
    const host = new URL(well.url).host;
    expect((await door('check_health_now', { service, instance: `${service}@${host}` })).body).toMatchObject({
      checked: [{ id: `${service}@${host}`, passed: false, why: `${host}/health answered 500` }],
      notChecked: 0,
    });
    expect((await door('check_health_now', { service, instance: 'nobody' })).code).toBe('instance.not-found');
    expect((await door('check_health_now', { service: called('nobody') })).code).toBe('service.not-found');
  });
});

it('leaves one that sends heartbeats to them, unless its registration says how it is checked', async () => {
  const door = restDoor(system.endpoints);
  await door('register_service', { name: 'beating', version: '1.0.0', transport: 'rest' });
  await door('register_instance', {
    service: 'beating',
    id: 'one',
    version: '1.0.0',
    url: `http://127.0.0.1:${await freePort()}`,
  });
  expect((await door('check_health_now', { service: 'beating' })).body).toEqual({
    service: 'beating',
    checked: [{ id: 'one', why: 'it is not asked: its heartbeats say that it is HEALTHY' }],
    notChecked: 0,
  });
});

it('keeps in the history until when an instance was registered', async () => {
  const door = restDoor(system.endpoints);
  const [service, id] = ['leaving', 'one'];
  const { url } = await startWell();
  const changes = async () =>
    z
      .object({ changes: z.array(z.looseObject({})) })
      .parse((await door('get_health_history', { service, instance: id })).body).changes;
  await door('register_service', { name: service, version: '1.0.0', transport: 'rest', healthCheck: quick });
  await door('register_instance', { service, id, version: '1.0.0', url });
  await until(async () => expect(await changes()).toMatchObject([{ health: 'HEALTHY' }]));
  await door('deregister_instance', { service, id });
  await until(async () =>
    expect(await changes()).toMatchObject([
      { before: 'HEALTHY', health: 'UNKNOWN', reason: 'it is not registered any more' },
      { before: 'UNKNOWN', health: 'HEALTHY' },
    ]),
  );
});

it('names an instance that does not answer, and calls the other one', async () => {
  const door = restDoor(system.endpoints);
  const well = await startWell();
  const dead = `http://127.0.0.1:${await freePort()}`;
  const healthCheck = { ...quick, failuresBeforeUnhealthy: 1 };
  await door('register_service', { name: 'halved', version: '1.0.0', transport: 'rest', healthCheck });
  await door('register_instance', { service: 'halved', id: 'dead', version: '1.0.0', url: dead });
  await door('register_instance', { service: 'halved', id: 'well', version: '1.0.0', url: well.url });
  await until(async () => {
    expect(Health.parse((await door('get_service_health', { service: 'halved' })).body)).toMatchObject({
      health: 'DEGRADED',
      instances: [
        { id: 'dead', health: 'UNREACHABLE', since: expect.stringMatching(isoTime) },
        { id: 'well', health: 'HEALTHY' },
      ],
    });
  });
  const request = { method: 'GET', path: '/' };
  for (let call = 0; call < 10; call += 1)
    expect((await door('call_service', { service: 'halved', request })).body).toMatchObject({
      instance: 'well',
    });
});

it('calls the url of a registration that fails its checks when there is nothing else', async () => {
  const door = restDoor(system.endpoints);
  const sick = await startScriptedService(({ path }, response) =>
    path === '/health' ? json(response, {}, 500) : json(response, { works: true }),
  );
  onTestFinished(() => sick.close());
  const healthCheck = { ...quick, failuresBeforeUnhealthy: 1 };
  await door('register_service', {
    name: 'sick',
    version: '1.0.0',
    transport: 'rest',
    url: sick.url,
    healthCheck,
  });
  await until(async () => {
    const { health } = Health.parse((await door('get_service_health', { service: 'sick' })).body);
    expect(health).toBe('UNHEALTHY');
  });
  const request = { method: 'GET', path: '/' };
  expect((await door('call_service', { service: 'sick', request })).body).toMatchObject({
    result: { works: true },
  });
});

it('tells on one page how everything is', async () => {
  const door = restDoor(system.endpoints);
  const { url } = await startWell();
  await door('register_service', { name: 'page-needed', version: '1.0.0', transport: 'rest' });
  const needing = { name: 'page-needing', version: '1.0.0', transport: 'rest', url };
  await door('register_service', { ...needing, dependencies: [{ service: 'page-needed' }] });
  await until(async () => {
    expect((await door('get_system_status')).body).toMatchObject({
      healthy: false,
      degraded: expect.arrayContaining([
        { service: 'page-needed', health: 'UNHEALTHY', because: ['it has no instance'] },
        {
          service: 'page-needing',
          health: 'DEGRADED',
          because: ['it requires page-needed, which is UNHEALTHY'],
        },
      ]),
      executions: { open: { count: 0, atLeast: false }, waitingApprovals: { count: 0, atLeast: false } },
      sweeps: expect.arrayContaining([
        expect.objectContaining({ name: 'check-health', late: false }),
        expect.objectContaining({ name: 'deliver-events', late: false }),
        expect.objectContaining({ name: 'lifecycle', late: false }),
      ]),
    });
  });
});
