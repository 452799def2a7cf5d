/** A workflow that outlives the time-out of what a step waited for: everybody is told that nobody waits any more. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { awaitStatus, type Door, doors, restDoor, workflowIdOf } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';

let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem();
}, 60_000);

afterAll(() => system.close());

const rest = { id: 'rest', wait: { seconds: 60 } };
const asks = (more: object = {}) => ({ id: 'ok', approval: { message: 'Go on?' }, ...more });
const late = { timeoutSeconds: 1, onFailure: 'continue' };

async function define(name: string, steps: unknown[]): Promise<string> {
  const defined = await restDoor(system.endpoints)('define_workflow', { name, steps });
  expect(defined.body).toMatchObject({ name });
  return name;
}

const Listed = z.looseObject({ approvals: z.array(z.looseObject({ workflowId: z.string() })) });

describe.each(doors)('by $door', ({ door: name, open }) => {
  const door: Door = (operation, input) => open(system.endpoints)(operation, input);
  const own = (text: string): string => `${text}-${name.toLowerCase()}`;
  const begin = async (workflow: string): Promise<string> =>
    workflowIdOf(await door('start_workflow', { workflow, input: {} }));
  /** Once the step after it has begun. */
  const past = (workflowId: string, next: string) =>
    awaitStatus(door, workflowId, ({ steps }) =>
      steps.some(({ id, status }) => id === next && status === 'RUNNING'),
    );
  const waitFor = (workflowId: string, step: string) =>
    awaitStatus(door, workflowId, ({ steps }) =>
      steps.some((one) => one.id === step && (one.approval ?? one.workflowId) !== undefined),
    );
  const listed = async () =>
    Listed.parse((await door('list_approvals', { limit: 100 })).body).approvals.map(
      ({ workflowId }) => workflowId,
    );

  it('an approval that timed out has failed, waits no more, is not listed, and is decided no more', async () => {
    const workflowId = await begin(await define(own('passed-over'), [asks(late), rest]));
    await waitFor(workflowId, 'ok');
    const status = await past(workflowId, 'rest');
    expect(status.status).toBe('RUNNING');
    expect(status).not.toHaveProperty('waitingFor');
    expect(status.steps[0]).toMatchObject({
      status: 'FAILED',
      attempts: [
        {
          startedAt: expect.any(String),
          finishedAt: expect.any(String),
          error: {
            code: 'States.Timeout',
            message: 'steps[0]: nobody decided within 1 s, its timeoutSeconds',
          },
        },
      ],
    });
    expect(await listed()).not.toContain(workflowId);
    const decided = await door('approve_step', { workflowId, step: 'ok' });
    expect(decided.code).toBe('approval.expired');
    expect(JSON.stringify(decided.body)).toContain(
      'ok does not wait for a decision any more: steps[0]: nobody decided within 1 s, its timeoutSeconds',
    );
    await door('terminate_workflow', { workflowId });
    const closed = await awaitStatus(door, workflowId);
    expect(closed.steps[0]).toEqual(status.steps[0]);
  });

  it('one execution that was waited for too long is named, and cancelled', async () => {
    const child = await define(own('rests'), [rest]);
    const nested = { id: 'nested', workflow: { name: child, input: {} }, ...late };
    const workflowId = await begin(await define(own('outlives'), [nested, asks()]));
    const running = await waitFor(workflowId, 'nested');
    const childId = running.steps[0]?.workflowId ?? '';
    const status = await waitFor(workflowId, 'ok');
    expect(status).toMatchObject({ waitingFor: [{ step: 'ok' }] });
    expect(status.steps[0]).toMatchObject({
      status: 'FAILED',
      workflowId: childId,
      attempts: [
        {
          error: {
            code: 'States.Timeout',
            message: `steps[0]: ${child} (workflowId ${childId}) did not end within 1 s, its timeoutSeconds, and is cancelled unless it ended since`,
          },
        },
      ],
    });
    await door('approve_step', { workflowId, step: 'ok' });
    const closed = await awaitStatus(door, workflowId);
    expect(closed.status).toBe('SUCCEEDED');
    expect(closed.steps[0]).toEqual(status.steps[0]);
    expect(await awaitStatus(door, childId)).toMatchObject({ status: 'CANCELLED' });
  });

  it('one execution that ended by itself after that keeps its end, and is not called cancelled', async () => {
    const child = await define(own('late-end'), [{ id: 'rest', wait: { seconds: 2 } }]);
    const nested = { id: 'nested', workflow: { name: child, input: {} }, ...late };
    const workflowId = await begin(await define(own('passes-late-end'), [nested, asks()]));
    const childId = (await waitFor(workflowId, 'nested')).steps[0]?.workflowId ?? '';
    expect(await awaitStatus(door, childId)).toMatchObject({ status: 'SUCCEEDED' });
    await door('approve_step', { workflowId, step: 'ok' });
    expect((await awaitStatus(door, workflowId)).steps[0]).toMatchObject({
      status: 'FAILED',
      attempts: [
        {
          error: {
            message: `steps[0]: ${child} (workflowId ${childId}) did not end within 1 s, its timeoutSeconds, and is cancelled unless it ended since`,
          },
        },
      ],
    });
  });

  it('the last iteration of a loop that nobody decided, and the end of the workflow, tell the same', async () => {
    const loop = { id: 'loop', forEach: { items: ['x', 'y'], as: 'name', steps: [asks(late)] } };
    const workflowId = await begin(await define(own('loop'), [loop]));
    await waitFor(workflowId, 'ok');
    const status = await awaitStatus(door, workflowId);
    expect(status).toMatchObject({ status: 'SUCCEEDED', output: { loop: [{}, {}] } });
    for (const path of ['loop/0/ok', 'loop/1/ok'])
      expect(status.steps.find((step) => step.path === path)).toMatchObject({
        status: 'FAILED',
        attempts: [
          {
            error: {
              code: 'States.Timeout',
              message: 'steps[0].forEach.steps[0]: nobody decided within 1 s, its timeoutSeconds',
            },
          },
        ],
      });
  });

  it('a workflow that fails with the time-out shows it in its step too', async () => {
    const workflowId = await begin(await define(own('fails'), [asks({ timeoutSeconds: 1 })]));
    const status = await awaitStatus(door, workflowId);
    const message = 'steps[0]: nobody decided within 1 s, its timeoutSeconds';
    expect(status).toMatchObject({
      status: 'FAILED',
      error: { code: 'States.Timeout', message, step: 'ok' },
    });
    expect(status.steps[0]).toMatchObject({
      status: 'FAILED',
      attempts: [{ error: { code: 'States.Timeout', message } }],
    });
  });

  it('a retry of such a workflow asks again, and waits as long as the first time', async () => {
    const workflowId = await begin(await define(own('again'), [asks({ timeoutSeconds: 5 })]));
    expect((await awaitStatus(door, workflowId)).status).toBe('FAILED');
    await door('retry_workflow', { workflowId });
    await awaitStatus(door, workflowId, (status) => status['waitingFor'] !== undefined);
    expect(await listed()).toContain(workflowId);
    expect((await door('approve_step', { workflowId, step: 'ok' })).code).toBeUndefined();
    const status = await awaitStatus(door, workflowId);
    expect(status.status).toBe('SUCCEEDED');
    expect(status.steps[0]?.attempts).toMatchObject([
      { error: { code: 'States.Timeout' } },
      { finishedAt: expect.any(String) },
    ]);
    expect(status.steps[0]?.attempts).toHaveLength(2);
  });

  it('a page of approvals is full, though many before them timed out', async () => {
    const items = Array.from({ length: 30 }, (_item, index) => index);
    const many = { id: 'loop', forEach: { items, as: 'name', maxConcurrency: 30, steps: [asks(late)] } };
    const timedOut = await begin(await define(own('many'), [many, rest]));
    await past(timedOut, 'rest');
    const waiting = await begin(await define(own('one'), [asks()]));
    await waitFor(waiting, 'ok');
    const page = Listed.parse((await door('list_approvals', { limit: 1 })).body);
    expect(page.approvals.map(({ workflowId }) => workflowId)).toEqual([waiting]);
    expect(page).not.toHaveProperty('nextCursor');
    await door('terminate_workflow', { workflowId: waiting });
    await door('terminate_workflow', { workflowId: timedOut });
  });
});
