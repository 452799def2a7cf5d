/**
 * Step records in the executions table: pk `EXECUTION#<id>`, sk `STEP#<occurrence>`. One write per attempt,
 * at its end; a mark before it only for calls that last, and for steps that wait for a callback (index 1:
 * `APPROVAL` by time while a decision is waited for). Undos are claimed by condition, so that two undo machines
 * never run the same one.
 */
import * as z from 'zod';
import type { Item } from '../../aws/documents.ts';
import { withTexts, withValues } from '../../aws/json-text.ts';
import { ttlAttribute } from '../../aws/model/tables.ts';
import type { PageRequest } from '../../aws/named-list.ts';
import type { Condition, Table } from '../../aws/table.ts';
import { type Attempt, StepRecord, type Undo } from '../model/execution.ts';
import type { ExecutionNews } from '../news.ts';
import { approvalPartition, awaitingApproval } from './awaiting-approval.ts';

/** The end of an attempt, or a mark that it is under way. */
export interface StepWrite {
  readonly record: Omit<StepRecord, 'attempts'>;
  readonly expiresAtEpochSeconds: number;
}

export interface AttemptsWrite extends StepWrite {
  /** What this write adds to the list of attempts. */
  readonly attempts: readonly Attempt[];
}

/** A step that has ended, and the last of its attempts. */
export interface EndedStep {
  readonly record: StepRecord;
  readonly attempt: Attempt;
}

/** What a record must still be for a mark to be made. */
export type SeenStep = Pick<StepRecord, 'status' | 'runningSince'> & { readonly attempts: number };

export const stepKey = (executionId: string, occurrence: string) => ({
  pk: `EXECUTION#${executionId}`,
  sk: `STEP#${occurrence}`,
});

/** In the order of sort keys, what belongs to an execution lies before its steps, but for large results. */
export const lastStepKey = 'STEP#\u{10FFFF}';
export const isStepItem = ({ sk }: Item): boolean => String(sk).startsWith('STEP#');

const texts = ['output', 'approval'];

const undoToItem = (undo: Undo | undefined): Item | undefined =>
  undo && { ...undo, call: withTexts(undo.call, ['arguments']) };

const UndoItem = z.looseObject({ call: z.record(z.string(), z.unknown()) });

function itemToUndo(item: unknown): Item | undefined {
  const { data } = UndoItem.safeParse(item);
  return data && { ...data, call: withValues(data.call, ['arguments']) };
}

const recordToItem = (record: StepWrite['record']): Item => ({
  schemaVersion: 1,
  ...withTexts(record, texts),
  undo: undoToItem(record.undo),
});

export const itemToStep = (item: Item): StepRecord =>
  StepRecord.parse({
    ...withValues(item, texts),
    attempts: item['attempts'] ?? [],
    undo: itemToUndo(item['undo']),
  });

const keyOf = (record: Pick<StepRecord, 'executionId' | 'occurrence'>) =>
  stepKey(record.executionId, record.occurrence);

/** What an attempt that has ended leaves behind of what was before. */
const endedWith = ({ notBefore, error }: StepWrite['record']): string[] => [
  'runningSince',
  'effect',
  ...(notBefore === undefined ? ['notBefore'] : []),
  ...(error === undefined ? ['error'] : []),
];

const asSeen = (seen: SeenStep | undefined): Condition => {
  if (seen === undefined) return { expression: 'attribute_not_exists(pk)' };
  const { status, runningSince, attempts } = seen;
  return {
    expression: [
      '#status = :seen',
      runningSince === undefined ? 'attribute_not_exists(runningSince)' : 'runningSince = :since',
      attempts === 0 ? 'attribute_not_exists(attempts)' : 'size(attempts) = :count',
    ].join(' AND '),
    values: {
      ':seen': status,
      ...(runningSince !== undefined && { ':since': runningSince }),
      ...(attempts > 0 && { ':count': attempts }),
    },
  };
};

const notSucceeded: Condition = {
  expression: 'attribute_not_exists(pk) OR #status <> :succeeded',
  values: { ':succeeded': 'SUCCEEDED' },
};

const approvalIndex = ['gsi1pk', 'gsi1sk'];

/** A sparse part of index 1: only what still waits is in it. */
const approvalIndexOf = ({ runningSince, executionId, occurrence }: StepWrite['record']) => ({
  gsi1pk: approvalPartition,
  gsi1sk: `${runningSince}#${executionId}#${occurrence}`,
});

export type StepStore = ReturnType<typeof createStepStore>;

/** What waits for a decision is told as `news` where there is a place for it. */
export function createStepStore(table: Table, news?: Pick<ExecutionNews, 'tell'>) {
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
    /** Writes what came of the attempts; false when another invocation has written a result, which stays. */
    write: ({ record, attempts, expiresAtEpochSeconds }: AttemptsWrite): Promise<boolean> =>
      table.update(keyOf(record), {
        set: { ...recordToItem(record), [ttlAttribute]: expiresAtEpochSeconds },
        ...(attempts.length > 0 && { append: { attempts } }),
        remove: endedWith(record),
        ...(record.status !== 'SUCCEEDED' && { condition: notSucceeded }),
      }),
    /** Marks that an attempt is under way; false when the record is not what was seen, so that another one may be. */
    mark: (
      { record, attempts, expiresAtEpochSeconds }: AttemptsWrite,
      seen: SeenStep | undefined,
    ): Promise<boolean> =>
      table.update(keyOf(record), {
        set: { ...recordToItem(record), [ttlAttribute]: expiresAtEpochSeconds },
        ...(attempts.length > 0 && { append: { attempts } }),
        remove: ['finishedAt', 'error'],
        condition: asSeen(seen),
      }),
    /** Records that a step waits for a callback; false when it has succeeded already. */
    async await({ record, expiresAtEpochSeconds }: StepWrite): Promise<boolean> {
      const waits = await table.update(keyOf(record), {
        set: {
          ...recordToItem(record),
          [ttlAttribute]: expiresAtEpochSeconds,
          ...(record.approval && approvalIndexOf(record)),
        },
        remove: ['finishedAt', ...(record.deadline === undefined ? ['deadline'] : [])],
        condition: notSucceeded,
      });
      if (waits && record.approval) news?.tell(record.executionId);
      return waits;
    },
    /** Records that a step could not begin to wait; false when it has its result all the same. */
    failToWait: ({
      record,
      attempt,
      expiresAtEpochSeconds,
    }: StepWrite & { attempt: Attempt }): Promise<boolean> =>
      table.update(keyOf(record), {
        set: { ...recordToItem(record), [ttlAttribute]: expiresAtEpochSeconds },
        append: { attempts: [attempt] },
        remove: ['runningSince', 'token', ...approvalIndex],
        condition: notSucceeded,
      }),
    /** Writes the end of a step that waits; false when it waits no more, or for another execution. */
    finishWaiting: (record: StepRecord, attempt: Attempt): Promise<boolean> => {
      const { attempts: _attempts, runningSince: _since, ...ended } = record;
      return table.update(keyOf(record), {
        set: recordToItem(ended),
        append: { attempts: [attempt] },
        remove: ['runningSince', ...approvalIndex],
        condition: {
          expression: `#status = :running AND ${record.child === undefined ? 'attribute_not_exists(child)' : 'child = :waited'}`,
          values: {
            ':running': 'RUNNING',
            ...(record.child !== undefined && { ':waited': record.child }),
          },
        },
      });
    },
    /** Writes that the deadline of a step passed while it waited; false when it waits no more, or has another one. */
    timeOut: ({ deadline }: StepRecord, { record, attempt }: EndedStep): Promise<boolean> => {
      const { attempts: _attempts, ...ended } = record;
      return table.update(keyOf(record), {
        set: recordToItem(ended),
        append: { attempts: [attempt] },
        remove: ['runningSince', 'token', 'deadline', ...approvalIndex],
        condition: {
          expression: '#status = :running AND #deadline = :deadline',
          values: { ':running': 'RUNNING', ':deadline': deadline },
        },
      });
    },
    /** Takes back a result that came too late: the step is as the record says, its attempts too. */
    async takeBack({ token: _token, ...record }: StepRecord): Promise<void> {
      await table.update(keyOf(record), {
        set: { ...recordToItem(record), attempts: record.attempts },
        remove: ['outputText', 'resultRef', 'runningSince', 'token'],
      });
    },
    /** The result was sent with the token: it is of no use any more. */
    async forgetToken(record: Pick<StepRecord, 'executionId' | 'occurrence' | 'token'>): Promise<void> {
      await table.update(keyOf(record), {
        remove: ['token'],
        condition: { expression: '#token = :token', values: { ':token': record.token } },
      });
    },
    /** Steps that wait for a decision at this time, oldest first. */
    awaitingApproval: (page: PageRequest, now: number) => awaitingApproval({ table, itemToStep, now }, page),
    /** Keeps a record longer, when its execution goes on. */
    async keepUntil(record: StepRecord, expiresAtEpochSeconds: number): Promise<void> {
      await table.update(keyOf(record), { set: { [ttlAttribute]: expiresAtEpochSeconds } });
    },
    /** Sets the status of a step that has no record yet or is under way; false when it has finished. */
    settle: ({ record, expiresAtEpochSeconds }: StepWrite): Promise<boolean> =>
      table.update(keyOf(record), {
        set: { ...recordToItem(record), [ttlAttribute]: expiresAtEpochSeconds },
        remove: ['token', ...approvalIndex],
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
