/**
 * Step records in the executions table: pk `EXECUTION#<id>`, sk `STEP#<occurrence>`. One write per attempt,
 * at its end; a mark before it only for calls that last. Undos are claimed by condition, so that two undo
 * machines never run the same one.
 */
import * as z from 'zod';
import { type Attempt, StepRecord, type Undo } from '../domain/executions.ts';
import { ttlAttribute } from '../domain/tables.ts';
import { withTexts, withValues } from './json-text.ts';
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

const undoToItem = (undo: Undo | undefined): Item | undefined =>
  undo && { ...undo, call: withTexts(undo.call, ['arguments']) };

const UndoItem = z.looseObject({ call: z.record(z.string(), z.unknown()) });

function itemToUndo(item: unknown): Item | undefined {
  const { data } = UndoItem.safeParse(item);
  return data && { ...data, call: withValues(data.call, ['arguments']) };
}

const recordToItem = (record: StepWrite['record']): Item => ({
  schemaVersion: 1,
  ...withTexts(record, ['output']),
  undo: undoToItem(record.undo),
});

export const itemToStep = (item: Item): StepRecord =>
  StepRecord.parse({
    ...withValues(item, ['output']),
    attempts: item['attempts'] ?? [],
    undo: itemToUndo(item['undo']),
  });

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
    async write({ record, attempt, expiresAtEpochSeconds }: StepWrite): Promise<void> {
      await table.update(keyOf(record), {
        set: { ...recordToItem(record), [ttlAttribute]: expiresAtEpochSeconds },
        ...(attempt && { append: { attempts: [attempt] }, remove: ['runningSince'] }),
      });
    },
    /** Sets the status of a step that has no record yet or is under way; false when it has finished. */
    settle: ({ record, expiresAtEpochSeconds }: StepWrite): Promise<boolean> =>
      table.update(keyOf(record), {
        set: { ...recordToItem(record), [ttlAttribute]: expiresAtEpochSeconds },
        condition: {
          expression: 'attribute_not_exists(pk) OR #status = :running',
          values: { ':running': 'RUNNING' },
        },
      }),
    /** Takes a pending undo, or takes up again one that the same owner had taken. */
    claimUndo: (record: StepRecord, owner: string): Promise<boolean> =>
      table.update(keyOf(record), {
        set: {
          undo: undoToItem(
            record.undo && { ...record.undo, status: 'RUNNING', owner, attempts: record.undo.attempts + 1 },
          ),
        },
        condition: {
          expression: '#undo.#status = :pending OR (#undo.#status = :claimed AND #undo.#owner = :owner)',
          names: { '#status': 'status', '#owner': 'owner' },
          values: { ':pending': 'PENDING', ':claimed': 'RUNNING', ':owner': owner },
        },
      }),
    async finishUndo(record: StepRecord, undo: Undo): Promise<void> {
      await table.update(keyOf(record), { set: { undo: undoToItem(undo) } });
    },
  };
}
