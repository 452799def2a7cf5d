/**
 * Executions in the executions table: pk `EXECUTION#<id>`, sk `META`. Every change of status is one
 * conditional write, so that cancel, end events, read-repair and the sweeper never undo each other's work.
 */
import type * as z from 'zod';
import type { Item } from '../../aws/documents.ts';
import { withTexts, withValues } from '../../aws/json-text.ts';
import { ttlAttribute } from '../../aws/model/tables.ts';
import type { Condition, Table } from '../../aws/table.ts';
import { summaryOfEnd } from '../model/end-summary.ts';
import { type EndStatus, Execution, type Failure, type StepRecord } from '../model/execution.ts';
import type { ExecutionNews } from '../news.ts';
import { withEnd, withoutEnd } from './listed-end.ts';
import { isStepItem, itemToStep, lastStepKey, stepKey } from './step-store.ts';

/** How an execution closes. */
export interface Closing {
  readonly status: EndStatus;
  readonly closedAt: string;
  readonly output?: unknown;
  readonly error?: Failure | undefined;
  /** Replaces the one of a cancel that had begun. */
  readonly reason?: string | undefined;
  readonly expiresAtEpochSeconds: number;
  /** Whether it is to be told to those outside who want to know. */
  readonly untold?: boolean;
  /** Only while its closing has not begun: an end seen by itself must not overtake a cancel. */
  readonly unlessClosing?: boolean;
}

export interface ExecutionAndStep {
  readonly execution: StoredExecution | undefined;
  readonly step: StepRecord | undefined;
}

export interface ExecutionAndSteps {
  readonly execution: StoredExecution;
  readonly steps: StepRecord[];
}

export interface BeginClosing {
  readonly status: 'CANCELLING' | 'COMPENSATING';
  readonly ending: EndStatus;
  readonly closingAt: string;
  readonly error?: Failure | undefined;
  readonly reason?: string | undefined;
  /** Only as long as it has been redriven that often: an end belongs to one try. Absent for what ends any try. */
  readonly redriveCount?: number;
}

/** Which try of an execution: retries reopen it, and each counts one more. With its labels, which no try changes. */
export type Try = Pick<Execution, 'id' | 'redriveCount' | 'labels'>;

/** An execution with the latest moment at which a record of its steps may still be needed. */
export type StoredExecution = Execution & { readonly recordsExpireAtEpochSeconds: number };

const metaKey = (id: string) => ({ pk: `EXECUTION#${id}`, sk: 'META' });
const outputKey = (id: string) => ({ pk: `EXECUTION#${id}`, sk: 'OUTPUT' });

/** Input and output share an item of at most 400 KB: an output above this many characters gets one of its own. */
const separateOutputAbove = 100_000;

const texts = ['input', 'output'];

const indexesOf = ({ id, startedAt, workflow }: z.infer<typeof Execution>) => {
  const position = `${startedAt}#${id}`;
  return {
    gsi1pk: 'OPEN',
    gsi1sk: position,
    gsi2pk: `WORKFLOW#${workflow}`,
    gsi2sk: position,
    gsi3pk: `DAY#${startedAt.slice(0, 10)}`,
    gsi3sk: position,
  };
};

function itemToExecution(item: Item): StoredExecution {
  const execution = Execution.parse(withValues(item, texts));
  const recordsExpireAtEpochSeconds = Number(item['recordsExpireAtEpochSeconds']);
  return { ...execution, labels: withoutEnd(execution.labels), recordsExpireAtEpochSeconds };
}

/** An output that has an item of its own counts only as long as the execution says so. */
function withOutputOf(meta: Item, apart: Item | undefined): StoredExecution {
  const execution = itemToExecution(meta);
  if (meta['outputApart'] !== true) return execution;
  return { ...execution, output: withValues(apart ?? {}, texts)['output'] };
}

interface Open {
  readonly redriveCount: number | undefined;
  readonly unlessClosing: boolean | undefined;
}

/** A record that is older than retries has no count. */
const inTry = (redriveCount: number): string =>
  redriveCount === 0
    ? '(redriveCount = :seen OR attribute_not_exists(redriveCount))'
    : 'redriveCount = :seen';

const whileOpen = ({ redriveCount, unlessClosing }: Open): Condition => ({
  expression: [
    'attribute_exists(pk)',
    'attribute_not_exists(closedAt)',
    ...(unlessClosing ? ['attribute_not_exists(closingAt)'] : []),
    ...(redriveCount === undefined ? [] : [inTry(redriveCount)]),
  ].join(' AND '),
  ...(redriveCount !== undefined && { values: { ':seen': redriveCount } }),
});

/** The partition of index 1 of those whose end is to be told. */
export const untoldEnds = 'UNTOLD';

export type ExecutionStore = ReturnType<typeof createExecutionStore>;

/** Ends are told as `news` where there is a place for it. */
export function createExecutionStore(table: Table, news?: Pick<ExecutionNews, 'tell'>) {
  return {
    /** False when the id is taken. */
    create: ({ recordsExpireAtEpochSeconds, ...execution }: StoredExecution): Promise<boolean> =>
      table.put(
        {
          ...metaKey(execution.id),
          schemaVersion: 1,
          ...indexesOf(execution),
          ...withTexts(execution, texts),
          recordsExpireAtEpochSeconds,
        },
        { expression: 'attribute_not_exists(pk)' },
      ),
    async get(id: string): Promise<StoredExecution | undefined> {
      const meta = await table.get(metaKey(id), { consistent: true });
      if (meta?.['outputApart'] !== true) return meta && itemToExecution(meta);
      return withOutputOf(meta, await table.get(outputKey(id), { consistent: true }));
    },
    /** The execution and all its steps, in one strongly consistent query. */
    async getWithSteps(id: string): Promise<ExecutionAndSteps | undefined> {
      const { pk, sk } = metaKey(id);
      const items = await table.queryAll({ pk, between: [sk, lastStepKey], consistent: true });
      const meta = items.find((item) => item['sk'] === sk);
      if (meta === undefined) return undefined;
      const apart = items.find((item) => item['sk'] === outputKey(id).sk);
      const steps = items.filter(isStepItem).map(itemToStep);
      return { execution: withOutputOf(meta, apart), steps };
    },
    /** The execution and one of its steps in one strongly consistent read. */
    async getWithStep(id: string, occurrence: string): Promise<ExecutionAndStep> {
      const [meta, step] = await table.getAll([metaKey(id), stepKey(id, occurrence)]);
      return { execution: meta && itemToExecution(meta), step: step && itemToStep(step) };
    },
    /** Sets the closing flag, once; false when it was set or the execution has ended. */
    beginClosing: (
      id: string,
      { status, ending, closingAt, error, reason, redriveCount }: BeginClosing,
    ): Promise<boolean> =>
      table.update(metaKey(id), {
        set: { stored: status, ending, closingAt, error, reason },
        condition: whileOpen({ redriveCount, unlessClosing: true }),
      }),
    /** Opens an ended execution again; false when it is not the end that was seen. */
    reopen: (seen: StoredExecution, reopened: StoredExecution): Promise<boolean> =>
      table.update(metaKey(seen.id), {
        set: {
          stored: reopened.stored,
          redriveCount: reopened.redriveCount,
          redrivenAt: reopened.redrivenAt,
          labels: reopened.labels,
          recordsExpireAtEpochSeconds: reopened.recordsExpireAtEpochSeconds,
          gsi1pk: indexesOf(seen).gsi1pk,
          gsi1sk: indexesOf(seen).gsi1sk,
        },
        remove: [
          'closedAt',
          'closingAt',
          'error',
          'reason',
          'outputText',
          'outputApart',
          'untold',
          ttlAttribute,
        ],
        condition: { expression: '#closedAt = :closedAt', values: { ':closedAt': seen.closedAt } },
      }),
    /** Ends the try of an open execution that was seen; false when it has ended, be it that it goes on in another. */
    async markClosed({ id, redriveCount, labels }: Try, closing: Closing): Promise<boolean> {
      const { status, closedAt, output, error, reason, expiresAtEpochSeconds, untold } = closing;
      const apart = output !== undefined && JSON.stringify(output).length > separateOutputAbove;
      const ttl = { [ttlAttribute]: expiresAtEpochSeconds };
      if (apart)
        await table.put({ ...outputKey(id), schemaVersion: 1, ...withTexts({ output }, texts), ...ttl });
      const closed = await table.update(metaKey(id), {
        set: {
          stored: status,
          closedAt,
          error,
          reason,
          labels: withEnd(labels, summaryOfEnd(closing)),
          ...ttl,
          ...(apart ? { outputApart: true } : withTexts({ output }, texts)),
          ...(untold && { untold, gsi1pk: untoldEnds, gsi1sk: `${closedAt}#${id}` }),
        },
        remove: [...(untold ? [] : ['gsi1pk', 'gsi1sk']), 'ending'],
        condition: whileOpen({ redriveCount, unlessClosing: closing.unlessClosing }),
      });
      if (closed) news?.tell(id);
      return closed;
    },
    /** The end that was seen has been told; nothing where it was opened again. */
    async markTold({ id, closedAt }: { readonly id: string; readonly closedAt: string }): Promise<void> {
      await table.update(metaKey(id), {
        remove: ['untold', 'gsi1pk', 'gsi1sk'],
        condition: {
          expression: 'closedAt = :closedAt AND attribute_exists(#untold)',
          values: { ':closedAt': closedAt },
        },
      });
    },
  };
}
