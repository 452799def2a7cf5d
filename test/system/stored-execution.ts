/** An execution as the store has it, for tests that need not run one. */
import type { StoredExecution } from '../../src/executions/store/execution-store.ts';

export const storedExecution = (id: string, changes: Partial<StoredExecution> = {}): StoredExecution => ({
  id,
  workflow: 'process-email',
  version: 1,
  machineArn: 'arn:machine',
  executionArn: `arn:execution:${id}`,
  stored: 'STARTING',
  input: { email_id: 'abc123' },
  requestHash: 'hash',
  redriveCount: 0,
  awaits: false,
  depth: 0,
  keyed: false,
  caller: 'test',
  labels: {},
  compensates: false,
  startedAt: '2026-11-20T10:00:00.000Z',
  recordsExpireAtEpochSeconds: 1_800_000_000,
  ...changes,
});
