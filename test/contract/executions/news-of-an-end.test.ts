/** What the stores tell those who wait in the same process. */
import { expect, it } from 'vitest';
import type { Table } from '../../../src/aws/table.ts';
import type { StepRecord } from '../../../src/executions/model/execution.ts';
import { createExecutionStore } from '../../../src/executions/store/execution-store.ts';
import { createStepStore } from '../../../src/executions/store/step-store.ts';
import { databases } from '../../system/databases.ts';
import { withTables } from '../../system/store-tables.ts';
import { storedExecution } from '../../system/stored-execution.ts';

let table: Table;
withTables(databases[0].start, (tables) => {
  table = tables.executions;
});

const execution = storedExecution('ends');

it('is each end and each step that waits for a decision, once it is written, and nothing else', async () => {
  const told: string[] = [];
  const news = { tell: (id: string) => void told.push(id) };
  const executions = createExecutionStore(table, news);
  const steps = createStepStore(table, news);
  const waits = (executionId: string, more: Partial<StepRecord>) =>
    steps.await({
      record: { executionId, occurrence: 'ok', step: 'ok', path: '', status: 'RUNNING', ...more },
      expiresAtEpochSeconds: 1_900_000_000,
    });
  await executions.create(execution);
  await executions.beginClosing('ends', {
    status: 'CANCELLING',
    ending: 'CANCELLED',
    closingAt: '2026-11-20T10:00:01.000Z',
  });
  await waits('runs-another', { child: 'another' });
  expect(told).toEqual([]);
  await waits('asks', { runningSince: '2026-11-20T10:00:00.000Z', approval: { message: 'Send it?' } });
  expect(told).toEqual(['asks']);
  const end = {
    status: 'CANCELLED',
    closedAt: '2026-11-20T10:00:02.000Z',
    expiresAtEpochSeconds: 1,
  } as const;
  const inTry = (redriveCount: number) => ({ id: 'ends', redriveCount, labels: {} });
  expect(await executions.markClosed(inTry(3), end)).toBe(false);
  expect(await executions.markClosed(inTry(0), end)).toBe(true);
  expect(await executions.markClosed(inTry(0), end)).toBe(false);
  expect(told).toEqual(['asks', 'ends']);
});
