import { describe, expect, it } from 'vitest';
import { RunStepTask } from '../../../src/executions/model/step-task.ts';
import { deadlineOf, timedOutBy, waitsJudgedAt } from '../../../src/executions/model/wait-deadline.ts';

const now = Date.parse('2026-11-28T12:00:00.000Z');

describe('the deadline of a step that waits', () => {
  it.each([
    ['as the state machine counts', '2026-11-28T11:59:58.500Z', '2026-11-28T12:00:58.500Z'],
    ['from now on when it is not said since when', undefined, '2026-11-28T12:01:00.000Z'],
    ['from now on when that is no time', 'soon', '2026-11-28T12:01:00.000Z'],
  ])('is counted %s', (_what, scheduledAt, deadline) => {
    expect(deadlineOf({ timeoutSeconds: 60, scheduledAt }, now)).toBe(deadline);
  });

  it('is none for a machine of an earlier release, whose tasks are taken as they are', () => {
    const task = { executionId: 'x', step: 'ok', path: '', token: 't', approval: { message: 'Go on?' } };
    expect(RunStepTask.parse(task)).toEqual(task);
    expect(deadlineOf({}, now)).toBeUndefined();
  });

  const waits = {
    executionId: 'x',
    occurrence: 'ok',
    step: 'ok',
    path: '',
    status: 'RUNNING' as const,
    attempts: [],
    approval: {},
    deadline: '2026-11-28T12:00:00.000Z',
  };

  it.each([
    ['passes with its millisecond', waits, now, true],
    ['not one before it', waits, now - 1, false],
    ['means nothing for a step that has ended', { ...waits, status: 'SUCCEEDED' as const }, now, false],
    ['is never passed where there is none', { ...waits, deadline: undefined }, now, false],
    ['counts for nobody but a step that waits', { ...waits, approval: undefined }, now, false],
  ])('%s', (_what, step, at, timedOut) => {
    expect(timedOutBy(step, at)).toBe(timedOut);
  });

  it('is judged as of the moment in which the execution began to end', () => {
    const closingAt = '2026-11-28T11:59:00.000Z';
    const closedAt = '2026-11-28T11:59:30.000Z';
    expect(waitsJudgedAt({}, now)).toBe(now);
    expect(waitsJudgedAt({ closedAt }, now)).toBe(Date.parse(closedAt));
    expect(waitsJudgedAt({ closingAt, closedAt }, now)).toBe(Date.parse(closingAt));
  });
});
