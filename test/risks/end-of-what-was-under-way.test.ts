/**
 * Risk: what became of a step that was under way when its execution ended is told by chance: one look says that it was
 * cancelled, the next one that nobody knows.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awaitStatus, type Door, restDoor, type Status, workflowIdOf } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';

let system: TestSystem;
let door: Door;
let service: ScriptedService;
let names = 0;

beforeAll(async () => {
  // Nothing else is answered.
  service = await startScriptedService(({ path }, response) => {
    if (path.startsWith('/busy')) return response.writeHead(429, { 'retry-after': '50' }).end();
    if (path.startsWith('/soon')) return response.writeHead(429, { 'retry-after': '1' }).end();
    if (path.startsWith('/later')) return response.writeHead(429, { 'retry-after': '5' }).end();
    return path === '/refused' ? json(response, {}, 422) : undefined;
  });
  system = await startTestSystem();
  door = restDoor(system.endpoints);
  await door('register_service', { name: 'bank', transport: 'rest', url: service.url });
  await door('register_service', { name: 'undoer', transport: 'mcp', url: service.url });
}, 60_000);

afterAll(async () => {
  await system.close();
  await service.close();
});

interface Case {
  readonly method?: string;
  readonly path?: string;
  readonly compensates: boolean;
  readonly step?: object;
}

const compensate = { service: 'undoer', tool: 'undo', arguments: {} };

/** Starts one step, under way or waiting, and gives what every look at it says from the end of the execution on. */
async function looksAfter(
  { method = 'POST', path = '/silent', compensates, step = {} }: Case,
  end: 'cancel_workflow' | 'terminate_workflow' | 'deadline',
  early = false,
): Promise<Status[]> {
  names += 1;
  const name = `ends-${names}`;
  const call = { service: 'bank', request: { method, path: `${path}/${names}` } };
  const work = { id: 'work', call, timeoutSeconds: 30, ...step, ...(compensates && { compensate }) };
  // Long enough for a first attempt on a busy machine, and for what its service asks to wait.
  const timeoutSeconds = end === 'deadline' ? 4 : 600;
  expect((await door('define_workflow', { name, steps: [work], timeoutSeconds })).code).toBeUndefined();
  const workflowId = workflowIdOf(await door('start_workflow', { workflow: name }));
  await awaitStatus(door, workflowId, ({ steps: [one] }) => {
    const sent = service.seen.some((seen) => seen.path === call.request.path);
    return sent && (early || one?.attempts.length === 1);
  });
  // So that a refusal has been noted.
  if (!early) await sleep(200);
  if (end !== 'deadline') await door(end, { workflowId });
  const looks = [await awaitStatus(door, workflowId, ({ status }) => status !== 'RUNNING')];
  const until = Date.now() + 2_500;
  while (Date.now() < until || ['CANCELLING', 'COMPENSATING'].includes(looks.at(-1)?.status ?? '')) {
    await sleep(100);
    looks.push(await awaitStatus(door, workflowId, () => true));
  }
  return looks;
}

/** One after the other, each once. */
const statusesIn = (looks: readonly Status[]): string[] =>
  looks
    .map(({ steps: [step] }) => step?.status ?? '')
    .filter((status, index, all) => status !== all[index - 1]);

/** Where there are undos, the end waits a moment for what is under way. */
const endingsIn = (looks: readonly Status[], compensates: boolean): string[] =>
  statusesIn(looks).filter((status, index) => !(compensates && index === 0 && status === 'RUNNING'));

const both = [{ compensates: false }, { compensates: true }];

describe.concurrent.each(both)('with an undo: $compensates', ({ compensates }) => {
  it.each(['cancel_workflow', 'terminate_workflow', 'deadline'] as const)(
    'a call that was under way at a %s is in doubt',
    async (end) => {
      const looks = await looksAfter({ compensates }, end);
      expect(endingsIn(looks, compensates)).toEqual(['IN_DOUBT']);
      expect(looks.at(-1)?.steps[0]?.attempts).toMatchObject([{ error: { effect: 'unknown' } }]);
    },
    20_000,
  );

  it('a call that had just been sent at a cancel is in doubt', async () => {
    const looks = await looksAfter({ compensates, method: 'PUT' }, 'cancel_workflow', true);
    expect(endingsIn(looks, compensates)).toEqual(['IN_DOUBT']);
  }, 20_000);
});

it.concurrent.each([
  ['cancel_workflow', 'CANCELLED'],
  ['terminate_workflow', 'CANCELLED'],
  ['deadline', 'FAILED'],
] as const)(
  'a GET that was under way at a %s had no effect, and has %s',
  async (end, status) => {
    const looks = await looksAfter({ method: 'GET', compensates: false }, end);
    expect(statusesIn(looks)).toEqual([status]);
    expect(looks.at(-1)?.steps[0]?.attempts).toMatchObject([{ error: { effect: 'none' } }]);
  },
  20_000,
);

/** Its service asks to wait: longer than an attempt may take, shorter than the interval of `retry`, or shorter than both. */
const waiting = {
  inFunction: { path: '/busy', step: { retry: { maxAttempts: 2, intervalSeconds: 1 } } },
  betweenAttempts: {
    path: '/soon',
    step: { timeoutSeconds: 1, retry: { maxAttempts: 2, intervalSeconds: 300 } },
  },
};

describe.concurrent.each(both)(
  'a step that waits to be tried again, with an undo: $compensates,',
  ({ compensates }) => {
    it.each([
      ['inFunction', 'cancel_workflow', 'CANCELLED'],
      ['betweenAttempts', 'cancel_workflow', 'CANCELLED'],
      ['inFunction', 'terminate_workflow', 'CANCELLED'],
      ['betweenAttempts', 'deadline', 'FAILED'],
    ] as const)(
      '%s at a %s is %s from the first look on',
      async (where, end, status) => {
        const looks = await looksAfter({ ...waiting[where], compensates }, end);
        expect(statusesIn(looks)).toEqual([status]);
        const late = {
          code: 'execution.timed-out',
          message: 'The execution ran longer than its timeoutSeconds',
        };
        const errors = new Set(looks.map(({ steps: [step] }) => JSON.stringify(step?.error)));
        expect([...errors]).toEqual([end === 'deadline' ? JSON.stringify(late) : undefined]);
        expect(looks.at(-1)?.steps[0]?.attempts).toMatchObject([{ error: { code: 'service.throttled' } }]);
      },
      20_000,
    );
  },
);

it.concurrent.each([
  ['cancel_workflow', 'CANCELLED'],
  ['deadline', 'FAILED'],
] as const)(
  'a step that waits for its service within an attempt at a %s is %s',
  async (end, status) => {
    const looks = await looksAfter({ path: '/later', compensates: false }, end);
    expect(statusesIn(looks)).toEqual([status]);
  },
  20_000,
);

it.concurrent('a step that waits to be tried again beside one that fails was cut short, and has not failed', async () => {
  const call = (path: string) => ({ service: 'bank', request: { method: 'POST', path } });
  const work = { id: 'work', call: call('/busy'), ...waiting.inFunction.step };
  const fails = { id: 'fails', call: call('/refused') };
  const branches = [[work], [{ id: 'pause', wait: { seconds: 2 } }, fails]];
  await door('define_workflow', { name: 'beside', steps: [{ id: 'both', parallel: branches }] });
  const workflowId = workflowIdOf(await door('start_workflow', { workflow: 'beside' }));
  const stepsOf = ({ steps }: Status) => steps.map(({ id, status }) => [id, status]);
  const ended = [
    ['both', 'FAILED'],
    ['work', 'CANCELLED'],
    ['pause', 'SUCCEEDED'],
    ['fails', 'FAILED'],
  ];
  expect(stepsOf(await awaitStatus(door, workflowId))).toEqual(ended);
  await sleep(1_500);
  expect(stepsOf(await awaitStatus(door, workflowId))).toEqual(ended);
}, 20_000);

it.concurrent('a decision that is waited for until the deadline has failed with it', async () => {
  const steps = [{ id: 'ok', approval: { message: 'Go on?' } }];
  await door('define_workflow', { name: 'undecided', steps, timeoutSeconds: 2 });
  const workflowId = workflowIdOf(await door('start_workflow', { workflow: 'undecided' }));
  expect(await awaitStatus(door, workflowId)).toMatchObject({
    status: 'TIMED_OUT',
    steps: [{ status: 'FAILED', error: { code: 'execution.timed-out' } }],
  });
}, 20_000);
