/** How often an execution that does not end is read while it is waited for, without news of it as on Lambda. */
import { vi } from 'vitest';
import { awaitEnd } from '../../../src/executions/await-end.ts';
import { storedExecution } from '../../system/stored-execution.ts';

const open = storedExecution('open', { stored: 'RUNNING' });

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
