/** What a step waited for, and that comes, or goes on, after the state machine has gone on without it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { decideApproval } from '../../src/executions/decide-approval.ts';
import type { StepRecord } from '../../src/executions/model/execution.ts';
import { sendResult } from '../../src/executions/send-result.ts';
import { sweep } from '../../src/executions/sweep.ts';
import { replacing } from '../system/replacing.ts';
import { eventually, type Ring, startRing } from './execution-ring.ts';

let ring: Ring;

const rest = { id: 'rest', wait: { seconds: 60 } };
const late = { timeoutSeconds: 1, onFailure: 'continue' };

beforeAll(async () => {
  ring = await startRing();
  await ring.define({ name: 'asks', steps: [{ id: 'ok', approval: {} }] });
  await ring.define({ name: 'asks-briefly', steps: [{ id: 'ok', approval: {}, ...late }, rest] });
  const aWhile = { id: 'ok', approval: {}, ...late, timeoutSeconds: 3 };
  await ring.define({ name: 'asks-a-while', steps: [aWhile, rest] });
  await ring.define({ name: 'long', steps: [rest] });
  for (const name of ['long', 'asks'])
    await ring.define({
      name: `outlives-${name}`,
      steps: [{ id: 'nested', workflow: { name }, ...late }, rest],
    });
}, 60_000);

afterAll(() => ring.close());

const stepOf = (id: string, step: string, is: (record: StepRecord) => boolean) =>
  eventually(async () => {
    const record = await ring.context.steps.get(id, step);
    return record && is(record) ? record : undefined;
  });
const waiting = ({ status }: StepRecord): boolean => status === 'RUNNING';
const deadlinePassed = async (id: string, step: string): Promise<StepRecord> => {
  const record = await stepOf(id, step, waiting);
  await eventually(() => Date.now() > Date.parse(record.deadline ?? '') || undefined);
  return record;
};

/** Once the state machine has gone on without the step. */
const timedOut = (id: string) =>
  eventually(async () => {
    const execution = await ring.context.executions.get(id);
    for await (const { type } of ring.context.stepFunctions.history(execution?.executionArn ?? ''))
      if (type === 'TaskTimedOut') return true;
    return undefined;
  });

it('is cancelled by the sweeper, which ends the step at the deadline that it had', async () => {
  const { id } = await ring.start('outlives-long');
  const { deadline, child = '', runningSince } = await deadlinePassed(id, 'nested');
  await sweep(ring.context, { olderThanMs: -1000 });
  const ended = await ring.context.steps.get(id, 'nested');
  expect(ended).toMatchObject({
    status: 'FAILED',
    child,
    finishedAt: deadline,
    attempts: [
      {
        startedAt: runningSince,
        finishedAt: deadline,
        error: {
          code: 'States.Timeout',
          message: `steps[0]: long (workflowId ${child}) did not end within 1 s, its timeoutSeconds, and is cancelled unless it ended since`,
        },
      },
    ],
  });
  for (const gone of ['token', 'deadline', 'runningSince']) expect(ended).not.toHaveProperty(gone);
  expect(await ring.ended(child)).toMatchObject({
    stored: 'CANCELLED',
    reason: `step nested of ${id} waits for it no more`,
  });
  expect((await ring.context.executions.get(id))?.closedAt).toBeUndefined();
  await sweep(ring.context, { olderThanMs: -1000 });
  expect(await ring.context.steps.get(id, 'nested')).toEqual(ended);
});

it('an execution that ends late changes nothing in the step that waited for it', async () => {
  const { id } = await ring.start('outlives-asks');
  const { child = '' } = await stepOf(id, 'nested', ({ child }) => child !== undefined);
  await stepOf(child, 'ok', waiting);
  await deadlinePassed(id, 'nested');
  await decideApproval(ring.context, { workflowId: child, step: 'ok', approved: true, by: 'ann' });
  expect((await ring.ended(child)).stored).toBe('SUCCEEDED');
  const ended = await stepOf(id, 'nested', ({ status }) => status !== 'RUNNING');
  expect(ended.attempts).toMatchObject([{ error: { code: 'States.Timeout' } }]);
  expect(ended).toMatchObject({ status: 'FAILED' });
  expect(ended.output).toBeUndefined();
});

it('a decision that comes late is refused, and written down as the time-out that it met', async () => {
  const { id } = await ring.start('asks-briefly');
  await deadlinePassed(id, 'ok');
  const decision = { workflowId: id, step: 'ok', approved: true, by: 'ann' };
  const refused = {
    code: 'approval.expired',
    message: expect.stringContaining('steps[0]: nobody decided within 1 s, its timeoutSeconds'),
  };
  await expect(decideApproval(ring.context, decision)).rejects.toMatchObject(refused);
  expect(await ring.context.steps.get(id, 'ok')).toMatchObject({
    status: 'FAILED',
    attempts: [{ error: { code: 'States.Timeout' } }],
  });
  await expect(decideApproval(ring.context, decision)).rejects.toMatchObject(refused);
});

it.each([
  ['the sweeper', () => sweep(ring.context, { olderThanMs: -1000 })],
  ['whoever repeats it', undefined],
])(
  'a decision that was made in time and told too late has had no effect, as %s finds',
  async (_who, repair) => {
    const { id } = await ring.start('asks-a-while');
    const { deadline } = await stepOf(id, 'ok', waiting);
    const decision = { workflowId: id, step: 'ok', approved: true, by: 'ann' };
    const lost = () => Promise.reject(new Error('the network is down'));
    const stepFunctions = replacing(ring.context.stepFunctions, { succeedTask: lost });
    await expect(decideApproval({ ...ring.context, stepFunctions }, decision)).rejects.toThrow('the network');
    expect(await ring.context.steps.get(id, 'ok')).toMatchObject({ status: 'SUCCEEDED' });
    await timedOut(id);
    await repair?.();
    await expect(decideApproval(ring.context, decision)).rejects.toMatchObject({
      code: 'approval.expired',
      message:
        'ok does not wait for a decision any more: It had a result, which came to the workflow after its timeoutSeconds',
    });
    const ended = await ring.context.steps.get(id, 'ok');
    expect(ended).toMatchObject({
      status: 'FAILED',
      finishedAt: deadline,
      approval: {},
      attempts: [{ finishedAt: deadline, error: { code: 'States.Timeout' } }],
    });
    for (const gone of ['token', 'output', 'runningSince']) expect(ended).not.toHaveProperty(gone);
  },
);

it('a decision that was told in time and is told again after the deadline stays as it is', async () => {
  const { id } = await ring.start('asks-a-while');
  const { deadline, token } = await stepOf(id, 'ok', waiting);
  const decision = { workflowId: id, step: 'ok', approved: true, by: 'ann' };
  await decideApproval(ring.context, decision);
  const decided = await stepOf(id, 'ok', ({ status }) => status === 'SUCCEEDED');
  // As if whoever told it had ended before it forgot the token.
  const again: StepRecord = { ...decided, token };
  await eventually(() => Date.now() > Date.parse(deadline ?? '') || undefined);
  const execution = await ring.context.executions.get(id);
  if (!execution) throw new Error('the execution is gone');
  expect(await sendResult(ring.context, execution, again)).toBe(again);
  expect(await ring.context.steps.get(id, 'ok')).toEqual(decided);
});

it('a wait that began anew is not ended by whoever saw the deadline of the one before', async () => {
  const { id } = await ring.start('asks');
  const record = await stepOf(id, 'ok', waiting);
  const attempt = { startedAt: '2026-01-01T00:00:00.000Z', finishedAt: '2026-01-01T00:00:01.000Z' };
  const seen = { ...record, deadline: '2026-01-01T00:00:01.000Z' };
  const ended: StepRecord = { ...record, status: 'FAILED', runningSince: undefined, token: undefined };
  expect(await ring.context.steps.timeOut(seen, { record: ended, attempt })).toBe(false);
  expect(await ring.context.steps.get(id, 'ok')).toEqual(record);
});

it('without a deadline, as records of earlier releases are, the sweeper lets it wait', async () => {
  const { id } = await ring.start('asks');
  const record = await stepOf(id, 'ok', waiting);
  expect(record.deadline).toBeUndefined();
  await sweep(ring.context, { olderThanMs: -1000 });
  expect(await ring.context.steps.get(id, 'ok')).toEqual(record);
});
