import { describe, expect, it } from 'vitest';
import { executionExpiry, recordsExpiry, recordsExpiryAfterRetry } from '../../../src/executions/expiry.ts';

/** 2026-11-28T00:00:00Z, and half a second. */
const clock = { now: () => 1_795_824_000_500 };

describe('an execution that ends', () => {
  it('is kept for the retention', () => {
    expect(executionExpiry({ clock, retentionDays: 30 }, { keyed: false })).toBe(1_798_416_000);
  });

  it('is kept for 90 days where it was started with an idempotency key', () => {
    expect(executionExpiry({ clock, retentionDays: 30 }, { keyed: true })).toBe(1_803_600_000);
  });

  it('is kept for the retention where that is longer than its key is remembered', () => {
    expect(executionExpiry({ clock, retentionDays: 100 }, { keyed: true })).toBe(1_804_464_000);
  });
});

describe('steps and results', () => {
  it('are kept for the time that the execution may take, and the retention', () => {
    expect(recordsExpiry({ clock, retentionDays: 30 }, 3_600)).toBe(1_798_419_600);
  });

  it('are kept longer by what has passed when the execution is retried', () => {
    const execution = { recordsExpireAtEpochSeconds: 1_798_000_000, startedAt: '2026-11-26T00:00:00.500Z' };
    expect(recordsExpiryAfterRetry({ clock }, execution)).toBe(1_798_172_800);
    const again = { ...execution, redrivenAt: '2026-11-27T23:59:00.500Z' };
    expect(recordsExpiryAfterRetry({ clock }, again)).toBe(1_798_000_060);
  });
});
