import { describe, expect, it } from 'vitest';
import { isClosing, Labels, pollAfterMs, shownStatus } from '../../../src/executions/model/execution.ts';
import { leavesDoubt, settledEnd } from '../../../src/executions/model/settled-end.ts';

const attempt = (code: string) => ({ startedAt: '2026-01-01', error: { code, message: '' } });

describe('executions', () => {
  it('shows a start that nobody has seen begin as running', () => {
    expect(shownStatus({ stored: 'STARTING' })).toBe('RUNNING');
    expect(shownStatus({ stored: 'CANCELLED' })).toBe('CANCELLED');
  });

  it('is closing from the flag on, and stays so when closed', () => {
    expect(isClosing({})).toBe(false);
    expect(isClosing({ closingAt: '2026-01-01' })).toBe(true);
    expect(isClosing({ closedAt: '2026-01-01' })).toBe(true);
  });

  it.each([
    [0, 200],
    [10_000, 1000],
    [3_600_000, 5000],
    [-5000, 200],
  ])('of the age %i ms should be asked for again after %i ms', (age, expected) => {
    const startedAt = '2026-01-01T00:00:00.000Z';
    expect(pollAfterMs(startedAt, Date.parse(startedAt) + age)).toBe(expected);
  });

  it('has at most five labels', () => {
    const labels = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`l${n}`, '']));
    expect(Labels.safeParse(labels(5)).success).toBe(true);
    expect(Labels.safeParse(labels(6)).success).toBe(false);
  });
});

describe('a step that gets no further attempt', () => {
  const place = { step: 'pay', occurrence: 'each/0/pay' };
  const timedOut = { code: 'execution.timed-out', message: 'too long' };
  const cancelled = { stored: 'CANCELLED' as const };

  it('is in doubt when an attempt may have had its effect', () => {
    const late = { attempts: [attempt('service.timeout')] };
    expect(settledEnd(cancelled, { ...place, record: late })).toEqual({ status: 'IN_DOUBT' });
    const interrupted = { attempts: [attempt('service.failed')], runningSince: '2026-01-01' };
    expect(settledEnd({ stored: 'FAILED' }, { ...place, record: interrupted })).toEqual({
      status: 'IN_DOUBT',
    });
    expect(leavesDoubt({ code: 'service.unreachable' })).toBe(false);
    expect(leavesDoubt({ code: 'service.timeout', effect: 'none' })).toBe(false);
  });

  it('is in doubt when an attempt before its last may have had its effect', () => {
    const lost = { attempts: [attempt('service.connection-lost'), attempt('service.unreachable')] };
    expect(settledEnd({ stored: 'FAILED' }, { ...place, record: lost }).status).toBe('IN_DOUBT');
  });

  it('was cut short when nothing is recorded of it, or nothing was sent', () => {
    const unsent = { attempts: [], runningSince: '2026-01-01', effect: 'none' as const };
    const waiting = { attempts: [], runningSince: '2026-01-01', approval: {} };
    const ending = { stored: 'COMPENSATING' as const, ending: 'TIMED_OUT' as const, error: timedOut };
    for (const record of [undefined, unsent, waiting]) {
      expect(settledEnd(cancelled, { ...place, record })).toEqual({ status: 'CANCELLED' });
      expect(settledEnd(ending, { ...place, record })).toEqual({ status: 'FAILED', error: timedOut });
    }
  });

  it('has failed when its execution failed at it, and was cancelled when that failed elsewhere', () => {
    const record = { attempts: [attempt('service.unreachable'), attempt('service.failed')] };
    const failedAt = (step: string) => ({
      stored: 'FAILED' as const,
      error: { code: 'service.failed', message: '', step },
    });
    expect(settledEnd(cancelled, { ...place, record })).toEqual({ status: 'CANCELLED' });
    expect(settledEnd(failedAt('each/0/pay'), { ...place, record })).toEqual({ status: 'FAILED' });
    expect(settledEnd(failedAt('pay'), { ...place, record })).toEqual({ status: 'FAILED' });
    expect(settledEnd(failedAt('other'), { ...place, record })).toEqual({ status: 'CANCELLED' });
  });
});
