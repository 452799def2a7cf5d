import { describe, expect, it } from 'vitest';
import type { StepRecord } from '../../../src/executions/model/execution.ts';
import { needsHistory } from '../../../src/executions/model/needs-history.ts';
import { type Seen, viewSteps } from '../../../src/executions/model/step-view.ts';
import { WorkflowDefinition } from '../../../src/workflows/definition/definition.ts';

const call = (id: string) => ({ id, call: { service: 'graph', tool: 'add' } });
const workflow = (...steps: object[]) => WorkflowDefinition.parse({ name: 'w', steps });

const record = (occurrence: string, changes: Partial<StepRecord> = {}): StepRecord => ({
  executionId: 'e',
  occurrence,
  step: occurrence.split('/').at(-1) ?? '',
  path: '',
  service: 'graph',
  tool: 'add',
  status: 'SUCCEEDED',
  attempts: [],
  ...changes,
});

const seen = (
  stored: Seen['execution']['stored'],
  records: StepRecord[] = [],
  visits?: Seen['visits'],
): Seen => ({
  execution: { id: 'e', stored, ...(stored === 'RUNNING' ? {} : { closedAt: '2026-01-01' }) },
  records,
  visits,
});

const statuses = (definition: WorkflowDefinition, what: Seen): Record<string, string> =>
  Object.fromEntries(viewSteps(definition, what).map(({ path, status }) => [path, status]));

describe('the steps of an execution', () => {
  const three = workflow(call('a'), call('b'), call('c'));

  it('are what comes after what is recorded: the next one runs, the others are pending', () => {
    expect(statuses(three, seen('RUNNING', [record('a')]))).toEqual({
      a: 'SUCCEEDED',
      b: 'RUNNING',
      c: 'PENDING',
    });
  });

  it('after a failed one are skipped', () => {
    const records = [record('a', { status: 'FAILED' })];
    expect(statuses(three, seen('FAILED', records))).toEqual({ a: 'FAILED', b: 'SKIPPED', c: 'SKIPPED' });
  });

  it('that were under way when the execution ended are in doubt', () => {
    const records = [record('a', { status: 'RUNNING', runningSince: '2026-11-20T10:00:00.000Z' })];
    expect(statuses(three, seen('TERMINATED', records))).toEqual({
      a: 'IN_DOUBT',
      b: 'SKIPPED',
      c: 'SKIPPED',
    });
  });

  it('of a forEach are there once for each iteration', () => {
    const each = workflow({ id: 'each', forEach: { items: [1, 2], as: 'item', steps: [call('a')] } });
    const records = [record('each/0/a'), record('each/1/a')];
    expect(statuses(each, seen('SUCCEEDED', records))).toEqual({
      each: 'SUCCEEDED',
      'each/0/a': 'SUCCEEDED',
      'each/1/a': 'SUCCEEDED',
    });
  });

  it('of a branch that was not taken are skipped', () => {
    const choice = workflow({
      id: 'pick',
      choose: [{ when: '{% $input.x %}', steps: [call('a')] }],
      otherwise: [call('b')],
    });
    expect(needsHistory(choice)).toBe(true);
    const visits = [
      { step: 'pick', path: '', kind: 'Choice', left: true, called: false },
      { step: 'b', path: '', kind: 'Task', left: true, called: true },
    ];
    expect(statuses(choice, seen('SUCCEEDED', [record('b')], visits))).toEqual({
      pick: 'SUCCEEDED',
      a: 'SKIPPED',
      b: 'SUCCEEDED',
    });
  });

  it('show an undo only once it is due', () => {
    const undo = {
      status: 'PENDING' as const,
      call: { service: 'g', tool: 't', arguments: {} },
      attempts: 0,
    };
    const one = workflow(call('a'));
    const [kept] = viewSteps(one, seen('SUCCEEDED', [record('a', { undo })]));
    expect(kept?.undo).toBeUndefined();
    const [done] = viewSteps(one, seen('FAILED', [record('a', { undo: { ...undo, status: 'SUCCEEDED' } })]));
    expect(done?.undo).toEqual({ status: 'SUCCEEDED' });
  });

  it('leave out outputs beyond two megabytes in all, and say how large they are', () => {
    const records = ['a', 'b', 'c'].map((id) => record(id, { output: 'x'.repeat(799_998) }));
    const views = viewSteps(three, seen('SUCCEEDED', records));
    expect(views.map(({ output, outputBytes }) => [output !== undefined, outputBytes])).toEqual([
      [true, undefined],
      [true, undefined],
      [false, 800_000],
    ]);
    expect(views[2]?.resultLink).toBe('/v1/executions/e/results/c');
  });

  it('have a link to an output that is kept by reference, and its size', () => {
    const each = workflow({ id: 'each', forEach: { items: [1], as: 'item', steps: [call('a')] } });
    const resultRef = { step: 'each/0/a', id: '0123456789abcdef', chunks: 2, bytes: 500_000 };
    const [, view] = viewSteps(each, seen('SUCCEEDED', [record('each/0/a', { resultRef })]));
    expect(view).toMatchObject({
      outputBytes: 500_000,
      resultLink: '/v1/executions/e/results/each%2F0%2Fa',
    });
    expect(view).not.toHaveProperty('output');
  });
});
