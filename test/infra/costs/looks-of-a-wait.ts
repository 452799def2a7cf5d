/** How often an execution that does not end is read while it is waited for, without news of it as on Lambda. */
import { vi } from 'vitest';
import { awaitEnd } from '../../../src/executions/await-end.ts';
import type { StoredExecution } from '../../../src/executions/store/execution-store.ts';

const open: StoredExecution = {
  id: 'open',
  workflow: 'long',
  version: 1,
  machineArn: 'arn:machine',
  executionArn: 'arn:execution',
  stored: 'RUNNING',
  input: {},
  requestHash: 'hash',
  redriveCount: 0,
  awaits: false,
  depth: 0,
  keyed: false,
  caller: 'test',
  labels: {},
  compensates: false,
  startedAt: '2026-11-28T10:00:00.000Z',
  recordsExpireAtEpochSeconds: 1_800_000_000,
};

export async function looksIn(seconds: number): Promise<number> {
  let looks = 0;
  const context = {
    clock: { now: () => Date.now() },
    log: { warn: () => {} },
    executions: {
      async get() {
        looks += 1;
        return open;
      },
    },
    steps: { all: async () => [] },
  };
  vi.useFakeTimers();
  try {
    const waited = awaitEnd(context, open, { until: Date.now() + seconds * 1000, signal: undefined });
    await vi.advanceTimersByTimeAsync(seconds * 1000);
    await waited;
    return looks;
  } finally {
    vi.useRealTimers();
  }
}
