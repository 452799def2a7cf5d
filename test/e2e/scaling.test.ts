/** Scaling by policy, with real processes: up under load, down when it has gone, to zero and back, by the clock; a hold wins. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { WorkflowDefinition } from '../../src/workflows/definition/definition.ts';
import { type Door, restDoor, runToEnd, workflowIdOf } from '../system/clients.ts';
import {
  changeIn,
  drivenService,
  endOfChange,
  instancesThrough,
  instanceThrough,
  servingThrough,
  until,
} from '../system/driven-services.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';

const bound = 120_000;
const long = { tags: ['long'], timeout: bound };
const adminKey = 'k'.repeat(32);

/** Each begins when its test starts it. */
const elastic = (name: string, scaling: Record<string, unknown>, env: Record<string, string> = {}) =>
  drivenService({
    name,
    env,
    more: { desired: 'stopped', scaling: { minInstances: 1, maxInstances: 3, ...scaling } },
  });

/** They answer 429 to more than one call at once: steps wait within an attempt, or between two where that is too short. */
const busy = {
  'busy-for-a-moment': { retryAfter: '1', step: { timeoutSeconds: 60 } },
  'busy-for-long': {
    retryAfter: '20',
    step: { timeoutSeconds: 2, retry: { maxAttempts: 3, intervalSeconds: 1 } },
  },
};

const services = [
  elastic(
    'by-flight',
    { target: { inFlightPerInstance: 4 }, scaleUpCooldownSeconds: 0, scaleDownCooldownSeconds: 0 },
    { ANSWER_AFTER_MS: '200' },
  ),
  elastic('by-minute', { target: { callsPerMinutePerInstance: 5 }, scaleUpCooldownSeconds: 0 }),
  elastic('by-latency', { target: { p95LatencyMs: 50 } }, { ANSWER_AFTER_MS: '200' }),
  ...Object.entries(busy).map(([name, { retryAfter }]) =>
    elastic(
      name,
      { target: { waitingStepsPerInstance: 3 } },
      { ANSWER_AFTER_MS: '300', AT_ONCE: '1', RETRY_AFTER: retryAfter },
    ),
  ),
  elastic('sleeper', { scaleToZeroAfterSeconds: 3 }),
  elastic('woken-by-step', { scaleToZeroAfterSeconds: 3 }),
  elastic('base', { scaleToZeroAfterSeconds: 5 }, { LISTEN_AFTER_MS: '3000' }),
  drivenService({ name: 'on-base', requires: ['base'], more: { desired: 'stopped' } }),
  elastic('held', { scaleToZeroAfterSeconds: 1 }),
];

/** Twenty steps at the same time that call a service. */
const crowds = Object.entries(busy).map(([service, { step }]) => {
  const ask = { id: 'ask', call: { service, request: { method: 'GET', path: '/' } }, ...step };
  const forEach = { items: '{% [1..20] %}', as: 'visitor', maxConcurrency: 20, steps: [ask] };
  return WorkflowDefinition.parse({ name: service, steps: [{ id: 'visits', forEach }] });
});

let system: TestSystem;
let door: Door;

beforeAll(async () => {
  const manifest = { services, workflows: crowds };
  system = await startTestSystem({ manifest, adminKey, allowLocalDrivers: true });
  door = restDoor({ ...system.endpoints, adminKey });
}, bound);

afterAll(() => system?.close(), bound);

async function start(service: string): Promise<void> {
  const { body } = await door('start_service', { service });
  expect(await endOfChange(door, changeIn(body).changeId)).toMatchObject({ status: 'SUCCEEDED' });
}

const call = (service: string) => door('call_service', { service, request: { method: 'GET', path: '/' } });

const serve = (service: string, count: number): Promise<true> =>
  until(async () => ((await servingThrough(door, service)).length === count ? true : undefined));

const sleeps = (service: string): Promise<true> =>
  until(async () => {
    const instances = await instancesThrough(door, service);
    return instances.every(({ state }) => state === 'STOPPED') ? true : undefined;
  });

const Decisions = z.object({
  decisions: z.array(z.object({ from: z.number(), to: z.number(), reason: z.string(), by: z.string() })),
});
const decisionsOf = async (service: string) =>
  Decisions.parse((await door('get_service_lifecycle', { service })).body).decisions;

/** So many calls under way until it is told to end. */
function load(service: string, calls: number): () => Promise<void> {
  let over = false;
  const callers = Array.from({ length: calls }, async () => {
    while (!over) await call(service);
  });
  return async () => {
    over = true;
    await Promise.all(callers);
  };
}

it(
  'more calls in flight start more instances, fewer stop them, and each decision says why',
  long,
  async () => {
    await start('by-flight');
    const end = load('by-flight', 12);
    await serve('by-flight', 3);
    await end();
    await until(async () => ((await instancesThrough(door, 'by-flight')).length === 1 ? true : undefined));
    const [first] = await decisionsOf('by-flight');
    expect(first).toMatchObject({ from: 1, by: 'policy' });
    expect(first?.reason).toMatch(/^\d+ calls in flight at 4 each want \d+: from 1 to \d/);
  },
);

it('more calls a minute start more instances', long, async () => {
  await start('by-minute');
  await Promise.all(Array.from({ length: 14 }, () => call('by-minute')));
  await serve('by-minute', 3);
  const last = (await decisionsOf('by-minute')).at(-1);
  expect(last).toMatchObject({ to: 3, by: 'policy' });
  expect(last?.reason).toMatch(/^1[1-4] calls a minute at 5 each want 3: from [12] to 3$/);
  const decided = async () =>
    (await door('list_audit_events', { service: 'by-minute', operation: 'scaling_policy' })).body['events'];
  await expect
    .poll(decided)
    .toContainEqual(
      expect.objectContaining({ kind: 'decision', reason: last?.reason, asked: { from: last?.from, to: 3 } }),
    );
});

it('calls that are answered too late start more instances', long, async () => {
  await start('by-latency');
  const end = load('by-latency', 2);
  await serve('by-latency', 3);
  await end();
  const [first] = await decisionsOf('by-latency');
  expect(first).toMatchObject({ from: 1, to: 3, by: 'policy' });
  expect(first?.reason).toMatch(
    /^p95 latency of [2-9]\d\d ms at a target of 50 ms wants \d+: from 1 to 3, within the bounds of 1 to 3$/,
  );
});

it.each(Object.keys(busy))(
  'steps that wait for a service which is %s start more instances',
  long,
  async (service) => {
    await start(service);
    const workflowId = workflowIdOf(await door('start_workflow', { workflow: service, input: {} }));
    await serve(service, 3);
    await door('terminate_workflow', { workflowId });
    const [first] = await decisionsOf(service);
    expect(first).toMatchObject({ from: 1, to: 3, by: 'policy' });
    expect(first?.reason).toMatch(/^\d+ waiting steps at 3 each want \d: from 1 to 3/);
  },
);

it('a policy that is only tried is shown as it would be, refused as it would be, and not set', async () => {
  const { driver, healthCheck } = drivenService({ name: 'tried' });
  const scaling = { minInstances: 0, maxInstances: 3 };
  const registered = { name: 'tried', transport: 'rest', driver, healthCheck, scaling, desired: 'stopped' };
  const { revision } = (await door('register_service', registered)).body;
  const tried = { service: 'tried', revision, scaling: { minInstances: 1, maxInstances: 5 }, dryRun: true };
  expect((await door('set_scaling_policy', tried)).body).toMatchObject({
    dryRun: true,
    waves: [[{ service: 'tried', action: 'set-scaling', from: 0, to: 0 }]],
    revision,
    scaling: { minInstances: 1, maxInstances: 5 },
  });
  expect((await door('set_scaling_policy', { ...tried, revision: 1_000 })).code).toBe('service.changed');
  expect((await door('get_service', { name: 'tried' })).body).toMatchObject({ revision, scaling });
});

it('a policy that asks for more instances is followed by its change until they serve, and one that asks for none is done at once', async () => {
  const { driver, healthCheck } = drivenService({ name: 'raised', env: { LISTEN_AFTER_MS: '300' } });
  const scaling = { minInstances: 1, maxInstances: 4 };
  const registered = { name: 'raised', transport: 'rest', driver, healthCheck, scaling };
  const { revision } = (await door('register_service', registered)).body;
  await serve('raised', 1);
  const set = async (input: Record<string, unknown>) => {
    const { code, body } = await door('set_scaling_policy', { service: 'raised', ...input });
    expect(code, JSON.stringify(body)).toBeUndefined();
    return { body, end: await endOfChange(door, changeIn(body).changeId) };
  };
  const wider = await set({ revision, scaling: { minInstances: 1, maxInstances: 6 } });
  expect(wider.body['revision']).toBeGreaterThan(Number(revision));
  expect(wider.end).toMatchObject({
    kind: 'set-scaling',
    status: 'SUCCEEDED',
    waves: [{ actions: [{ action: 'set-scaling', from: 1, to: 1 }] }],
  });
  expect(await decisionsOf('raised')).toEqual([]);
  const raising = { minInstances: 3, maxInstances: 6 };
  const asked = {
    revision: wider.body['revision'],
    scaling: raising,
    reason: 'a sale',
    idempotencyKey: 'sale',
  };
  const raised = await set(asked);
  expect(raised.end).toMatchObject({
    status: 'SUCCEEDED',
    waves: [{ actions: [{ action: 'set-scaling', from: 1, to: 3 }] }],
  });
  expect(await servingThrough(door, 'raised')).toHaveLength(3);
  expect(await decisionsOf('raised')).toMatchObject([{ from: 1, to: 3, reason: 'a sale', by: 'admin' }]);
  // Its own write has made the revision another one: it is answered with its change all the same.
  expect(changeIn((await set(asked)).body).changeId).toBe(changeIn(raised.body).changeId);
  // A crash may have come between the policy and its change.
  expect((await set({ revision, scaling: raising })).end.status).toBe('SUCCEEDED');
  const { code } = await door('set_scaling_policy', { service: 'raised', revision, scaling });
  expect(code).toBe('service.changed');
});

/** As a clock on the wall there shows it so many hours ago. */
function cronOf(timeZone: string, hoursAgo = 0): string {
  const at = new Date(Date.now() - hoursAgo * 3_600_000);
  const shown = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' }).format(at);
  const [hour, minute] = shown.split(':').map(Number);
  return `${minute} ${hour} * * *`;
}

it('a schedule that begins in its time zone starts more instances', long, async () => {
  const { driver, healthCheck } = drivenService({ name: 'by-clock' });
  const scaling = { minInstances: 1, maxInstances: 3 };
  const registered = { name: 'by-clock', transport: 'rest', driver, healthCheck, scaling };
  const { revision } = (await door('register_service', registered)).body;
  await serve('by-clock', 1);
  // Read as UTC, the first of them would have begun long before the second.
  const cron = cronOf('Asia/Kolkata');
  const schedules = [
    { cron, timeZone: 'Asia/Kolkata', minInstances: 3 },
    { cron: cronOf('UTC', 1), instances: 1 },
  ];
  const policy = { service: 'by-clock', revision, scaling: { ...scaling, schedules } };
  expect(await door('set_scaling_policy', policy)).toMatchObject({ code: undefined });
  await serve('by-clock', 3);
  expect(await decisionsOf('by-clock')).toMatchObject([
    {
      from: 1,
      to: 3,
      by: 'admin',
      reason: `set_scaling_policy allows 3 to 3 by the schedule ${cron} Asia/Kolkata`,
    },
  ]);
});

it('a service that nobody calls sleeps after its time, and wakes for the next call', long, async () => {
  const asked = performance.now();
  await start('sleeper');
  await sleeps('sleeper');
  expect(performance.now() - asked).toBeGreaterThan(3_000);
  expect(await decisionsOf('sleeper')).toMatchObject([{ from: 1, to: 0, by: 'policy' }]);
  expect(await call('sleeper')).toMatchObject({ code: undefined });
});

const Lines = z.object({ lines: z.array(z.object({ message: z.string(), function: z.string() })) });

it('what a step wakes is logged with its execution', long, async () => {
  await start('woken-by-step');
  await sleeps('woken-by-step');
  const request = { method: 'GET', path: '/' };
  const ask = { id: 'ask', call: { service: 'woken-by-step', request } };
  await door('define_workflow', { name: 'waking', steps: [ask] });
  const { workflowId } = await runToEnd(door, 'waking');
  const changes = async () =>
    Lines.parse((await door('get_logs', { workflowId })).body)
      .lines.filter(({ message }) => message.startsWith('change'))
      .map(({ function: name, message }) => `${name} ${message}`);
  await expect
    .poll(changes, { timeout: 20_000 })
    .toEqual(['run-step change requested', 'lifecycle change ended']);
});

it(
  'a service that sleeps is woken for one that requires it, and is awake until that has started',
  long,
  async () => {
    await start('on-base');
    await sleeps('base');
    const { body } = await door('restart_instance', { service: 'on-base', id: 'on-base-1' });
    expect(await endOfChange(door, changeIn(body).changeId)).toMatchObject({ status: 'SUCCEEDED' });
    expect((await instanceThrough(door, 'base', 'base-1')).lifecycle.starts).toBe(2);
  },
);

it('a count that somebody set is kept against the policy while it is held', long, async () => {
  await start('held');
  await door('scale_service', { service: 'held', instances: 2, holdSeconds: 5 });
  const reached = performance.now();
  await serve('held', 2);
  await sleeps('held');
  expect(performance.now() - reached).toBeGreaterThan(5_000);
});
