/** What is told of services and their instances: other numbers of them, changes that end, and those that are given up. */
import { expect, it, onTestFinished } from 'vitest';
import { changeIn, drivenService, endOfChange, servingThrough, until } from '../system/driven-services.ts';
import { startEventReceiver } from '../system/event-receiver.ts';
import { systemForTest } from '../system/system-for-test.ts';

const bound = 120_000;

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
      .toEqual(['change.ended', 'instance.health-changed', 'service.scaled']);
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
