import { describe, expect, it } from 'vitest';
import {
  isClosing,
  Labels,
  leavesDoubt,
  pollAfterMs,
  settledStatus,
  shownStatus,
} from '../../../src/domain/executions.ts';

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
  it('is in doubt when nothing was heard of it, or an attempt may have had its effect', () => {
    expect(settledStatus(undefined, 'CANCELLED')).toBe('IN_DOUBT');
    expect(settledStatus({ attempts: [attempt('service.timeout')] }, 'CANCELLED')).toBe('IN_DOUBT');
    const marked = { attempts: [attempt('service.failed')], runningSince: '2026-01-01' };
    expect(settledStatus(marked, 'FAILED')).toBe('IN_DOUBT');
    expect(leavesDoubt({ code: 'service.unreachable' })).toBe(false);
    expect(leavesDoubt({ code: 'service.timeout', effect: 'none' })).toBe(false);
  });

  it('is in doubt when an attempt before its last may have had its effect', () => {
    const lost = { attempts: [attempt('service.connection-lost'), attempt('service.unreachable')] };
    expect(settledStatus(lost, 'FAILED')).toBe('IN_DOUBT');
  });

  it('has failed, or was cancelled, when each attempt had failed', () => {
    const step = { attempts: [attempt('service.unreachable'), attempt('service.failed')] };
    expect(settledStatus(step, 'CANCELLED')).toBe('CANCELLED');
    expect(settledStatus(step, 'TIMED_OUT')).toBe('FAILED');
  });
});
