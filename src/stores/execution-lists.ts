/**
 * Lists of executions, newest first, without a scan: a workflow's own index, the sparse index of the open
 * ones, or day by day. Status and label filter what an index gives, so a page may be short; the number of
 * queries behind one page is bounded, and the cursor goes on exactly where the page ended.
 */
import * as z from 'zod';
import { Execution, type ExecutionStatus, shownStatus } from '../domain/executions.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { Item, Table } from './table.ts';

export const ListedExecution = Execution.pick({
  id: true,
  workflow: true,
  version: true,
  stored: true,
  labels: true,
  startedAt: true,
  closingAt: true,
  closedAt: true,
});
export type ListedExecution = z.infer<typeof ListedExecution>;

export interface ExecutionQuery {
  readonly workflow?: string | undefined;
  readonly status?: ExecutionStatus | undefined;
  readonly label?: { readonly name: string; readonly value: string } | undefined;
  /** ISO times; `from` is included, `to` is not. */
  readonly from: string;
  readonly to: string;
  readonly limit: number;
  readonly cursor?: string | undefined;
  /** Queries behind one page, 40 when left out. */
  readonly mostQueries?: number;
}

export interface ExecutionPage {
  readonly executions: ListedExecution[];
  readonly nextCursor: string | undefined;
}

type IndexName = 'gsi1' | 'gsi2' | 'gsi3';
interface Walk {
  readonly index: IndexName;
  readonly partitions: readonly string[];
}

const Position = z.object({ partition: z.string(), after: z.record(z.string(), z.string()).optional() });
type Position = z.infer<typeof Position>;

const queriesPerPage = 40;
const dayMs = 86_400_000;
const open: readonly ExecutionStatus[] = ['RUNNING', 'CANCELLING', 'COMPENSATING'];

function daysBackwards(from: string, to: string): string[] {
  const days: string[] = [];
  const first = Date.parse(from.slice(0, 10));
  for (let day = Date.parse(to.slice(0, 10)); day >= first; day -= dayMs) {
    days.push(`DAY#${new Date(day).toISOString().slice(0, 10)}`);
  }
  return days;
}

function walkOf({ workflow, status, from, to }: ExecutionQuery): Walk {
  if (workflow !== undefined) return { index: 'gsi2', partitions: [`WORKFLOW#${workflow}`] };
  if (status !== undefined && open.includes(status)) return { index: 'gsi1', partitions: ['OPEN'] };
  return { index: 'gsi3', partitions: daysBackwards(from, to) };
}

function startOf(walk: Walk, cursor: string | undefined): Position | undefined {
  const [first] = walk.partitions;
  if (cursor === undefined) return first === undefined ? undefined : { partition: first };
  const position = decodeCursor(cursor, Position);
  return walk.partitions.includes(position.partition) ? position : undefined;
}

const nextPartition = ({ partitions }: Walk, partition: string): Position | undefined => {
  const next = partitions[partitions.indexOf(partition) + 1];
  return next === undefined ? undefined : { partition: next };
};

const matches = ({ status, label }: ExecutionQuery, execution: ListedExecution): boolean =>
  (status === undefined || shownStatus(execution) === status) &&
  (label === undefined || execution.labels[label.name] === label.value);

const sweepKey = { pk: 'SWEEP', sk: 'POSITION' };

const keyIn = (index: IndexName, item: Item): Record<string, string> => ({
  pk: String(item['pk']),
  sk: String(item['sk']),
  [`${index}pk`]: String(item[`${index}pk`]),
  [`${index}sk`]: String(item[`${index}sk`]),
});

export type ExecutionLists = ReturnType<typeof createExecutionLists>;

export function createExecutionLists(table: Table) {
  return {
    async list(query: ExecutionQuery): Promise<ExecutionPage> {
      const walk = walkOf(query);
      const executions: ListedExecution[] = [];
      let position = startOf(walk, query.cursor);
      const most = query.mostQueries ?? queriesPerPage;
      for (let queries = 0; position && queries < most; queries++) {
        const { partition, after }: Position = position;
        const page = await table.query({
          index: walk.index,
          pk: partition,
          between: [query.from, query.to],
          newestFirst: true,
          limit: query.limit,
          ...(after && { after }),
        });
        for (const item of page.items) {
          const execution = ListedExecution.parse(item);
          if (!matches(query, execution)) continue;
          executions.push(execution);
          if (executions.length < query.limit) continue;
          return { executions, nextCursor: encodeCursor({ partition, after: keyIn(walk.index, item) }) };
        }
        position = page.next
          ? { partition, after: z.record(z.string(), z.string()).parse(page.next) }
          : nextPartition(walk, partition);
      }
      return { executions, nextCursor: position && encodeCursor({ ...position }) };
    },
    /** Where the last sweep ended, as a beginning for `open`. */
    async sweptTo(): Promise<string> {
      const position: unknown = (await table.get(sweepKey))?.['position'];
      return typeof position === 'string' ? position : '0';
    },
    /** The next sweep begins after this execution. */
    async keepSweptTo({ startedAt, id }: ListedExecution): Promise<void> {
      await table.put({ ...sweepKey, schemaVersion: 1, position: `${startedAt}#${id}~` });
    },
    /** Executions that have not ended and were started in this time, oldest first. */
    async open(
      { from, before }: { readonly from: string; readonly before: string },
      limit: number,
    ): Promise<ListedExecution[]> {
      const page = await table.query({ index: 'gsi1', pk: 'OPEN', between: [from, before], limit });
      return page.items.map((item) => ListedExecution.parse(item));
    },
  };
}
