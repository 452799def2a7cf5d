/** Callbacks that are lost between the record and the state machine, and cancels that race with a start. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cancelExecution } from '../../src/executions/cancel-execution.ts';
import { decideApproval } from '../../src/executions/decide-approval.ts';
import { sweep } from '../../src/executions/sweep.ts';
import { replacing } from '../system/replacing.ts';
import { eventually, type Ring, type RingContext, startRing } from './execution-ring.ts';

let ring: Ring;

beforeAll(async () => {
  ring = await startRing();
  await ring.define({ name: 'asks', steps: [{ id: 'ok', approval: { message: 'Go on?' } }] });
  await ring.define({ name: 'short', steps: [{ id: 'rest', wait: { seconds: 0 } }] });
  await ring.define({ name: 'long', steps: [{ id: 'rest', wait: { seconds: 60 } }] });
  await ring.define({ name: 'nests', steps: [{ id: 'nested', workflow: { name: 'short' } }] });
  await ring.define({ name: 'nests-long', steps: [{ id: 'nested', workflow: { name: 'long' } }] });
}, 60_000);

afterAll(() => ring.close());

const down = () => Promise.reject(new Error('the network is down'));

/** The context of a function whose calls to Step Functions are lost. */
const cutOff = (context: RingContext): RingContext => ({
  ...context,
  stepFunctions: replacing(context.stepFunctions, { succeedTask: down, failTask: down }),
});

const waitingStep = (id: string, step: string) =>
  eventually(async () => {
    const record = await ring.context.steps.get(id, step);
    return record?.status === 'RUNNING' ? record : undefined;
  });

describe('a lost callback', () => {
  it('of a decision is sent again by the sweeper, and by the same decision repeated', async () => {
    const first = await ring.start('asks');
    await waitingStep(first.id, 'ok');
    const decision = { workflowId: first.id, step: 'ok', approved: true, by: 'ann' };
    await expect(decideApproval(cutOff(ring.context), decision)).rejects.toThrow('the network is down');
    expect((await ring.context.executions.get(first.id))?.closedAt).toBeUndefined();
    await sweep(ring.context, { olderThanMs: -1000 });
    expect(await ring.ended(first.id)).toMatchObject({
      stored: 'SUCCEEDED',
      output: { ok: { approved: true, by: 'ann' } },
    });

    const second = await ring.start('asks');
    await waitingStep(second.id, 'ok');
    const again = { ...decision, workflowId: second.id, by: 'bob' };
    await expect(decideApproval(cutOff(ring.context), again)).rejects.toThrow();
    await expect(decideApproval(ring.context, { ...again, approved: false })).rejects.toMatchObject({
      code: 'approval.decided',
    });
    expect(await decideApproval(ring.context, again)).toMatchObject({ approved: true, by: 'bob' });
    expect((await ring.ended(second.id)).stored).toBe('SUCCEEDED');
    expect((await ring.context.steps.get(second.id, 'ok'))?.token).toBeUndefined();
  });

  it('of an execution that ended is sent again by the sweeper', async () => {
    ring.instead.succeedTask = down;
    const { id } = await ring.start('nests');
    const step = await eventually(async () => {
      const record = await ring.context.steps.get(id, 'nested');
      return record?.status === 'SUCCEEDED' ? record : undefined;
    });
    expect((await ring.ended(step.child ?? '')).stored).toBe('SUCCEEDED');
    expect((await ring.context.executions.get(id))?.closedAt).toBeUndefined();
    delete ring.instead.succeedTask;
    await sweep(ring.context, { olderThanMs: -1000 });
    expect((await ring.ended(id)).stored).toBe('SUCCEEDED');
  });

  it('and an end that nobody told of is told when the parent is repaired', async () => {
    const { steps } = ring.context;
    const { finishWaiting } = steps;
    Object.assign(steps, { finishWaiting: down });
    const { id } = await ring.start('nests');
    const step = await waitingStep(id, 'nested');
    await ring.ended(step.child ?? '');
    Object.assign(steps, { finishWaiting });
    expect((await steps.get(id, 'nested'))?.status).toBe('RUNNING');
    await sweep(ring.context, { olderThanMs: -1000 });
    expect((await ring.ended(id)).stored).toBe('SUCCEEDED');
  });
});

describe('two decisions at once', () => {
  it('are one: the other is told how it was decided', async () => {
    const { id } = await ring.start('asks');
    await waitingStep(id, 'ok');
    const decide = (approved: boolean) =>
      decideApproval(ring.context, { workflowId: id, step: 'ok', approved, by: 'both' }).then(
        (decided) => (decided.approved ? 'approved' : 'rejected'),
        (error: unknown) => Object(error).code,
      );
    const answers = await Promise.all([decide(true), decide(false)]);
    expect(answers.filter((answer) => answer === 'approval.decided')).toHaveLength(1);
    const won = answers.find((answer) => answer !== 'approval.decided');
    expect((await ring.ended(id)).stored).toBe(won === 'approved' ? 'SUCCEEDED' : 'FAILED');
  });
});

describe('a cancel that comes while a nested execution is being started', () => {
  it('ends that execution too, whichever is first', async () => {
    for (let delay = 0; delay < 60; delay += 6) {
      const { id } = await ring.start('nests-long');
      await new Promise((resolve) => setTimeout(resolve, delay));
      await cancelExecution(ring.context, id);
      expect((await ring.ended(id)).stored).toBe('CANCELLED');
      const child = await eventually(async () => {
        const record = await ring.context.steps.get(id, 'nested');
        return record?.status === 'RUNNING' ? undefined : { id: record?.child };
      });
      if (child.id !== undefined && (await ring.context.executions.get(child.id)))
        expect((await ring.ended(child.id)).stored).toBe('CANCELLED');
    }
  });
});

describe('a sweeper that cannot look at all open executions at once', () => {
  it('comes to each of them in time, though the oldest wait for days', async () => {
    const waiting = [await ring.start('asks'), await ring.start('asks'), await ring.start('asks')];
    const last = await ring.start('asks');
    await waitingStep(last.id, 'ok');
    const decision = { workflowId: last.id, step: 'ok', approved: true, by: 'ann' };
    await expect(decideApproval(cutOff(ring.context), decision)).rejects.toThrow();
    await eventually(async () => {
      expect((await sweep(ring.context, { olderThanMs: -1000, atMost: 1 })).looked).toBe(1);
      return (await ring.context.executions.get(last.id))?.closedAt;
    });
    for (const { id } of waiting) await cancelExecution(ring.context, id);
  });
});

describe('a fault of our own while a step begins to wait', () => {
  it.each([
    ['asks', 'ok'],
    ['nests', 'nested'],
  ])('in %s is tried again, and the step waits as it should', async (workflow, step) => {
    const { context, functions } = ring;
    let faults = 0;
    const get: typeof context.executions.get = (id) => {
      faults += 1;
      return faults === 1 ? down() : context.executions.get(id);
    };
    functions.context = { ...context, executions: { ...context.executions, get } };
    const { id } = await ring.start(workflow);
    await eventually(() => faults > 1 || undefined);
    functions.context = context;
    if (workflow === 'asks') {
      await waitingStep(id, step);
      await decideApproval(context, { workflowId: id, step, approved: true, by: 'ann' });
    }
    expect((await ring.ended(id)).stored).toBe('SUCCEEDED');
    const attempts = (await context.steps.get(id, step))?.attempts.map(({ error }) => error?.code);
    expect(attempts).toEqual(['internal.error', undefined]);
  });
});
