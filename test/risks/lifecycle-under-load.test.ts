/** Calls while instances come and go: none is lost, none is made twice, and those that come too early wait. */
import { expect, it } from 'vitest';
import type { Door } from '../system/clients.ts';
import {
  changeIn,
  drivenService,
  endOfChange,
  instancesThrough,
  instanceThrough,
  servingThrough,
  until,
} from '../system/driven-services.ts';
import { doorOf } from '../system/system-for-test.ts';

const bound = 120_000;

/** Calls at so many a second, each POST once, until it is told to end; gives what went wrong. */
function callsAt(door: Door, perSecond: number): () => Promise<{ made: number; failed: string[] }> {
  const failed: string[] = [];
  const underWay: Promise<void>[] = [];
  const timer = setInterval(() => {
    underWay.push(
      door('call_service', { service: 'busy', request: { method: 'POST', path: '/effects' } }).then(
        ({ code, body }) => {
          if (code !== undefined) failed.push(`${code}: ${String(body['detail'])}`);
        },
      ),
    );
  }, 1000 / perSecond);
  return async () => {
    clearInterval(timer);
    await Promise.all(underWay);
    return { made: underWay.length, failed };
  };
}

/** Ids say less: the lowest free number is given again. */
async function processesOf(door: Door, service: string): Promise<(string | undefined)[]> {
  const serving = await servingThrough(door, service);
  const shown = await Promise.all(serving.map(({ id }) => instanceThrough(door, service, id)));
  return shown.map(({ lifecycle }) => lifecycle.ref);
}

it('a rolling restart under a hundred POSTs a second loses no call and makes none twice', {
  tags: ['long'],
  timeout: bound,
}, async () => {
  const door = await doorOf([
    drivenService({
      name: 'busy',
      env: { ANSWER_AFTER_MS: '30' },
      more: { scaling: { minInstances: 3, maxInstances: 3 } },
    }),
  ]);
  await until(async () => ((await servingThrough(door, 'busy')).length === 3 ? true : undefined));
  const before = await processesOf(door, 'busy');
  const calls = callsAt(door, 100);
  const { body } = await door('restart_service', { service: 'busy' });
  expect((await endOfChange(door, changeIn(body).changeId)).status).toBe('SUCCEEDED');
  const { made, failed } = await calls();
  expect(failed).toEqual([]);
  expect(made).toBeGreaterThan(100);
  const after = await processesOf(door, 'busy');
  expect(after.length).toBe(3);
  expect(after.filter((one) => before.includes(one))).toEqual([]);
});

it(
  'a service that was scaled to zero wakes for a call, which waits for it',
  async () => {
    const door = await doorOf([
      drivenService({ name: 'sleepy', more: { scaling: { minInstances: 0, maxInstances: 2 } } }),
    ]);
    expect(await instancesThrough(door, 'sleepy')).toEqual([]);
    const calls = await Promise.all(
      Array.from({ length: 5 }, () =>
        door('call_service', { service: 'sleepy', request: { method: 'GET', path: '/' } }),
      ),
    );
    expect(calls.map(({ code, body }) => code ?? body['instance'])).toEqual(Array(5).fill('sleepy-1'));
    const { body } = await door('list_changes', {});
    expect(body).toMatchObject({ changes: [{ kind: 'wake', services: ['sleepy'], requestedBy: 'calls' }] });
  },
  bound,
);

it(
  'a step waits for a service that starts, and says how long',
  async () => {
    const door = await doorOf(
      [drivenService({ name: 'slow', env: { LISTEN_AFTER_MS: '1500' } })],
      [
        {
          name: 'ask-slow',
          steps: [{ id: 'ask', call: { service: 'slow', request: { method: 'GET', path: '/' } } }],
        },
      ],
    );
    const { body } = await door('call_workflow', { workflow: 'ask-slow', input: {} });
    expect(body).toMatchObject({ status: 'SUCCEEDED', output: { ask: { name: 'slow' } } });
    const status = await door('get_workflow_status', { workflowId: String(body['workflowId']) });
    const [step] = (status.body['steps'] as { waitedForInstanceMs?: number }[]) ?? [];
    expect(step?.waitedForInstanceMs).toBeGreaterThan(500);
  },
  bound,
);

it(
  'a call with less time than the start takes is told so, with the change that starts it',
  async () => {
    const door = await doorOf([
      drivenService({
        name: 'sleepy',
        env: { LISTEN_AFTER_MS: '5000' },
        more: { scaling: { minInstances: 0, maxInstances: 1 } },
      }),
    ]);
    const call = { service: 'sleepy', request: { method: 'GET', path: '/' }, timeoutSeconds: 1 };
    expect(await door('call_service', call)).toMatchObject({
      code: 'service.starting',
      body: { status: 503, changeId: expect.stringMatching(/^[0-9a-f]{32}$/) },
    });
  },
  bound,
);

it('of fifty requests to scale at once the last that was accepted counts', {
  tags: ['long'],
  timeout: bound,
}, async () => {
  const door = await doorOf([
    drivenService({ name: 'many', more: { scaling: { minInstances: 1, maxInstances: 6 } } }),
  ]);
  const asked = await Promise.all(
    Array.from({ length: 50 }, (_one, index) =>
      door('scale_service', { service: 'many', instances: (index % 5) + 1 }),
    ),
  );
  const ends = await Promise.all(asked.map(({ body }) => endOfChange(door, changeIn(body).changeId)));
  const carriedOut = ends.filter(({ status }) => status === 'SUCCEEDED');
  expect(ends.filter(({ status }) => status === 'FAILED')).toEqual([]);
  expect(
    ends.filter(({ status }) => status === 'CANCELLED').every(({ why }) => why?.includes('took its place')),
  ).toBe(true);
  const { body } = await door('list_changes', { limit: 100 });
  const changes = body['changes'] as {
    changeId: string;
    status: string;
    endedAt: string;
    waves: { actions: { to: number }[] }[];
  }[];
  const last = changes
    .filter(({ changeId }) => carriedOut.some((one) => one.changeId === changeId))
    .sort((a, b) => (a.endedAt < b.endedAt ? 1 : -1))[0];
  expect((await servingThrough(door, 'many')).length).toBe(last?.waves[0]?.actions[0]?.to);
  const { body: open } = await door('list_changes', { open: true });
  expect(open['changes']).toEqual([]);
});
