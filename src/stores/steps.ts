/**
 * Step records in the executions table: pk `EXECUTION#<id>`, sk `STEP#<occurrence>`. One write per attempt,
 * at its end; a mark before it only for calls that last. Undos are claimed by condition, so that two undo
 * machines never run the same one.
 */
import { type Attempt, StepRecord, type Undo } from '../domain/executions.ts';
import { ttlAttribute } from '../domain/tables.ts';
import type { Item, Table } from './table.ts';

/** The end of an attempt, or a mark that it is under way. */
export interface StepWrite {
  readonly record: Omit<StepRecord, 'attempts'>;
  /** What this write adds to the list of attempts; a mark adds none. */
  readonly attempt?: Attempt;
  readonly expiresAtEpochSeconds: number;
}

export const stepKey = (executionId: string, occurrence: string) => ({
  pk: `EXECUTION#${executionId}`,
  sk: `STEP#${occurrence}`,
});

export const itemToStep = (item: Item): StepRecord =>
  StepRecord.parse({ ...item, attempts: item['attempts'] ?? [] });

const keyOf = (record: Pick<StepRecord, 'executionId' | 'occurrence'>) =>
  stepKey(record.executionId, record.occurrence);

export type StepStore = ReturnType<typeof createStepStore>;

export function createStepStore(table: Table) {
  return {
    async all(executionId: string): Promise<StepRecord[]> {
      const items = await table.queryAll({
        pk: `EXECUTION#${executionId}`,
        beginsWith: 'STEP#',
        consistent: true,
      });
      return items.map(itemToStep);
    },
    async get(executionId: string, occurrence: string): Promise<StepRecord | undefined> {
      const item = await table.get(stepKey(executionId, occurrence), { consistent: true });
      return item && itemToStep(item);
    },
    async write({ record, attempt, expiresAtEpochSeconds }: StepWrite): Promise<void> {
      await table.update(keyOf(record), {
        set: { schemaVersion: 1, ...record, [ttlAttribute]: expiresAtEpochSeconds },
        ...(attempt && { append: { attempts: [attempt] }, remove: ['runningSince'] }),
      });
    },
    /** Keeps a record longer, when its execution goes on. */
    async keepUntil(record: StepRecord, expiresAtEpochSeconds: number): Promise<void> {
      await table.update(keyOf(record), { set: { [ttlAttribute]: expiresAtEpochSeconds } });
    },
    /** Sets the status of a step that has no record yet or is under way; false when it has finished. */
    settle: ({ record, expiresAtEpochSeconds }: StepWrite): Promise<boolean> =>
      table.update(keyOf(record), {
        set: { schemaVersion: 1, ...record, [ttlAttribute]: expiresAtEpochSeconds },
        condition: {
          expression: 'attribute_not_exists(pk) OR #status = :running',
          values: { ':running': 'RUNNING' },
        },
      }),
    /** Takes a pending undo, or takes up again one that the same owner had taken. */
    claimUndo: (record: StepRecord, owner: string): Promise<boolean> =>
      table.update(keyOf(record), {
        set: {
          undo: { ...record.undo, status: 'RUNNING', owner, attempts: (record.undo?.attempts ?? 0) + 1 },
        },
        condition: {
          expression: '#undo.#status = :pending OR (#undo.#status = :claimed AND #undo.#owner = :owner)',
          names: { '#status': 'status', '#owner': 'owner' },
          values: { ':pending': 'PENDING', ':claimed': 'RUNNING', ':owner': owner },
        },
      }),
    async finishUndo(record: StepRecord, undo: Undo): Promise<void> {
      await table.update(keyOf(record), { set: { undo } });
    },
  };
}
