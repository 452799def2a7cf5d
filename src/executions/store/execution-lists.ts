/**
 * Lists of executions, newest first, without a scan: a workflow's own index, the sparse index of the open
 * ones, or day by day. Status, label and error code filter what an index gives, of which a page looks at a
 * bounded number; and the cursor goes on exactly where the page ended.
 */
import * as z from 'zod';
import { decodeCursor, encodeCursor } from '../../aws/cursor.ts';
import type { Item } from '../../aws/documents.ts';
import { filledPage, type ListRead } from '../../aws/filled-page.ts';
import { keyOf, type Table } from '../../aws/table.ts';
import { EndSummary } from '../model/end-summary.ts';
import { Execution, type ExecutionStatus, shownStatus } from '../model/execution.ts';
import { untoldEnds } from './execution-store.ts';
import { endIn, withoutEnd } from './listed-end.ts';

export const ListedExecution = Execution.pick({
  id: true,
  workflow: true,
  version: true,
  stored: true,
  labels: true,
  startedAt: true,
  closingAt: true,
  closedAt: true,
}).extend(EndSummary.shape);
export type ListedExecution = z.infer<typeof ListedExecution>;

export interface ExecutionQuery {
  readonly workflow?: string | undefined;
  readonly status?: ExecutionStatus | undefined;
  /** Of the error with which it ended. */
  readonly errorCode?: string | undefined;
  readonly label?: { readonly name: string; readonly value: string } | undefined;
  /** ISO times; `from` is included, `to` is not. */
  readonly from: string;
  readonly to: string;
  readonly limit: number;
  readonly cursor?: string | undefined;
  /** Queries behind one page, 100 when left out. */
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

/** Of the list by days each day is one, so that the usual retention of 90 days is looked through at once. */
const queriesPerPage = 100;
/** A filter may leave out nearly everything: it is looked for among many. */
const filteredAtOnce = 250;
const mostFiltered = 5_000;
const openAtOnce = 1000;
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

const matches = ({ status, errorCode, label }: ExecutionQuery, execution: ListedExecution): boolean =>
  (status === undefined || shownStatus(execution) === status) &&
  (errorCode === undefined || execution.error?.code === errorCode) &&
  (label === undefined || execution.labels[label.name] === label.value);

const isFiltered = ({ status, errorCode, label }: ExecutionQuery): boolean =>
  status !== undefined || errorCode !== undefined || label !== undefined;

const sweepKey = { pk: 'SWEEP', sk: 'POSITION' };

function itemToListed(item: Item): ListedExecution {
  const { labels, ...listed } = ListedExecution.parse(item);
  return { ...listed, labels: withoutEnd(labels), ...endIn(labels) };
}

interface Part {
  readonly walk: Walk;
  readonly query: ExecutionQuery;
  readonly position: Position;
  readonly limit: number;
}

/** One query: at most `limit` executions of one partition, and where to go on. */
async function readPart(
  table: Table,
  { walk, query, position: { partition, after }, limit }: Part,
): Promise<ListRead<ListedExecution, Position>> {
  const page = await table.query({
    index: walk.index,
    pk: partition,
    between: [query.from, query.to],
    newestFirst: true,
    limit,
    ...(after && { after }),
  });
  const entries = page.items.map((item) => {
    const execution = itemToListed(item);
    const position = { partition, after: keyOf(item, walk.index) };
    return { value: matches(query, execution) ? execution : undefined, position };
  });
  const next = page.next
    ? { partition, after: z.record(z.string(), z.string()).parse(page.next) }
    : nextPartition(walk, partition);
  return { entries, next };
}

export type ExecutionLists = ReturnType<typeof createExecutionLists>;

export function createExecutionLists(table: Table) {
  return {
    async list(query: ExecutionQuery): Promise<ExecutionPage> {
      const walk = walkOf(query);
      const from = startOf(walk, query.cursor);
      if (from === undefined) return { executions: [], nextCursor: undefined };
      const mostReads = query.mostQueries ?? queriesPerPage;
      const read = (position: Position, limit: number) => readPart(table, { walk, query, position, limit });
      const looking = isFiltered(query) ? { atOnce: filteredAtOnce, mostEntries: mostFiltered } : {};
      const { items, next } = await filledPage({ from, limit: query.limit, mostReads, read, ...looking });
      return { executions: items, nextCursor: next && encodeCursor({ ...next }) };
    },
    /** Open executions of a version, newest first, among as many open ones as a page may look at. */
    async openOf(
      { workflow, version }: { readonly workflow: string; readonly version: number },
      limit: number,
    ): Promise<{ executions: ListedExecution[]; more: boolean }> {
      const walk: Walk = { index: 'gsi1', partitions: ['OPEN'] };
      const range = { from: '0', to: '~', limit };
      const { items, next } = await filledPage<ListedExecution, Position>({
        from: { partition: 'OPEN' },
        limit,
        mostReads: queriesPerPage,
        async read(position) {
          const part = { walk, query: range, position, limit: openAtOnce };
          const { entries, next } = await readPart(table, part);
          const isOf = (one: ListedExecution | undefined) =>
            one?.workflow === workflow && one.version === version ? one : undefined;
          return { entries: entries.map((entry) => ({ ...entry, value: isOf(entry.value) })), next };
        },
      });
      return { executions: items, more: next !== undefined };
    },
    /** Ids of those whose end was recorded before this time and is still to be told, oldest first. */
    async untold(before: string, limit: number): Promise<string[]> {
      const range = { index: 'gsi1', pk: untoldEnds, between: ['0', before], limit } as const;
      return (await table.query(range)).items.map((item) => ListedExecution.parse(item).id);
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
      return page.items.map(itemToListed);
    },
  };
}
