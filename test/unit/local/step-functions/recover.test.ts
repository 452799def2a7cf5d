import { describe, expect, it } from 'vitest';
import { errorMatches, retryDelay } from '../../../../local/step-functions/running/recover.ts';

describe('error names', () => {
  it.each<[string, string | undefined, boolean]>([
    ['Mine', 'Mine', true],
    ['Mine', 'Other', false],
    ['States.ALL', 'Other', true],
    ['States.ALL', undefined, true],
    ['States.ALL', 'States.Timeout', true],
    ['States.ALL', 'States.QueryEvaluationError', true],
    ['States.ALL', 'States.DataLimitExceeded', false],
    ['States.ALL', 'States.Runtime', false],
    ['States.Runtime', 'States.Runtime', false],
    ['States.DataLimitExceeded', 'States.DataLimitExceeded', true],
    ['States.TaskFailed', 'Other', true],
    ['States.TaskFailed', 'States.Timeout', false],
    ['States.TaskFailed', 'States.DataLimitExceeded', false],
    ['States.Timeout', 'States.HeartbeatTimeout', true],
    ['States.Timeout', 'States.Timeout', true],
  ])('%s against %s is %s', (name, error, expected) => {
    expect(errorMatches([name], error)).toBe(expected);
  });
});

describe('the delay of a retry', () => {
  const retrier = {
    ErrorEquals: ['A'],
    IntervalSeconds: 2,
    MaxAttempts: 9,
    BackoffRate: 3,
    MaxDelaySeconds: 10,
    JitterStrategy: 'NONE' as const,
  };

  it('grows by the backoff rate up to the longest delay', () => {
    expect([0, 1, 2, 3].map((tries) => retryDelay(retrier, tries, 0.5))).toEqual([
      2_000, 6_000, 10_000, 10_000,
    ]);
  });

  it('is spread from nothing to its full length with full jitter', () => {
    const jittered = { ...retrier, JitterStrategy: 'FULL' as const };
    expect([0, 0.25, 0.99].map((fraction) => retryDelay(jittered, 1, fraction))).toEqual([0, 1_500, 5_940]);
  });
});
