/**
 * The table `audit`: one partition a day, in the order of time. Records are added, and told how they ended once; nothing
 * deletes them but their TTL.
 */

import * as z from 'zod';
import { decodeCursor, encodeCursor } from '../../aws/cursor.ts';
import type { Item } from '../../aws/documents.ts';
import { filledPage, type ListRead } from '../../aws/filled-page.ts';
import { ttlAttribute } from '../../aws/model/tables.ts';
import { type Key, keyOf, type Table } from '../../aws/table.ts';
import { AuditEvent } from '../model/audit-event.ts';
import { type MissingRecords, missingNumbers } from '../model/missing-records.ts';

export type AuditKey = Key;

export interface AuditQuery {
  readonly caller?: string | undefined;
  readonly operation?: string | undefined;
  readonly service?: string | undefined;
  readonly workflow?: string | undefined;
  readonly execution?: string | undefined;
  readonly outcome?: string | undefined;
  /** ISO times; `from` is included, `to` is not. */
  readonly from: string;
  readonly to: string;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface AuditPage {
  readonly events: AuditEvent[];
  readonly nextCursor: string | undefined;
}

/** What a look for missing records has read. */
export interface MissingOfDay {
  readonly missing: MissingRecords[];
  /** False where the day has more records than are read at once. */
  readonly whole: boolean;
}

export interface AuditStore {
  add(event: AuditEvent): Promise<AuditKey>;
  end(key: AuditKey, ended: Pick<AuditEvent, 'outcome' | 'made' | 'endedAt'>): Promise<void>;
  list(query: AuditQuery): Promise<AuditPage>;
  missingOn(day: string): Promise<MissingOfDay>;
}

const Position = z.object({ day: z.iso.date(), after: z.record(z.string(), z.string()).optional() });
type Position = z.infer<typeof Position>;

/** Each day is at least one, so that a year is looked through in four pages. */
const queriesPerPage = 100;
/** A filter may leave out nearly everything. */
const filteredAtOnce = 250;
const mostFiltered = 5_000;
/** Pages of at most 1 MB (DynamoDB), of a day that is read whole. */
const pagesOfADay = 20;
const dayMs = 86_400_000;

const filters = ['caller', 'operation', 'service', 'workflow', 'execution', 'outcome'] as const;

const dayOf = (time: string): string => time.slice(0, 10);
const partition = (day: string): string => `DAY#${day}`;

export function createAuditStore(table: Table, { days }: { readonly days: number }): AuditStore {
  return {
    async add(event) {
      const key = keyOfEvent(event);
      const expires = Math.floor(Date.parse(event.at) / 1000) + days * 86_400;
      const item = { ...key, schemaVersion: 1, ...event, [ttlAttribute]: expires };
      const added = await table.put(item, { expression: 'attribute_not_exists(pk)' });
      if (!added) throw new Error('there is such a record already');
      return key;
    },
    async end(key, ended) {
      await table.update(key, {
        set: { ...ended },
        condition: { expression: 'outcome = :asked', values: { ':asked': 'asked' } },
      });
    },
    async list(query) {
      const from = startOf(query);
      if (from === undefined) return { events: [], nextCursor: undefined };
      const read = (position: Position, limit: number) => readPart(table, { query, position, limit });
      const { items, next } = await filledPage({
        from,
        limit: query.limit,
        mostReads: queriesPerPage,
        read,
        ...(filters.some((name) => query[name] !== undefined) && {
          atOnce: filteredAtOnce,
          mostEntries: mostFiltered,
        }),
      });
      return { events: items, nextCursor: next && encodeCursor({ ...next }) };
    },
    async missingOn(day) {
      const events: AuditEvent[] = [];
      let after: Item | undefined;
      for (let pages = 0; pages < pagesOfADay; pages++) {
        const page = await table.query({ pk: partition(day), consistent: true, ...(after && { after }) });
        events.push(...page.items.map((item) => AuditEvent.parse(item)));
        after = page.next;
        if (after === undefined) break;
      }
      return { missing: missingNumbers(day, events), whole: after === undefined };
    },
  };
}

/** Nine digits keep the order of the numbers. */
const keyOfEvent = ({ at, writer, sequence }: AuditEvent): AuditKey => ({
  pk: partition(dayOf(at)),
  sk: `${at}#${writer}#${String(sequence).padStart(9, '0')}`,
});

/** The last moment of the range is before `to`. */
const lastDay = ({ to }: AuditQuery): string => dayOf(new Date(Date.parse(to) - 1).toISOString());

function startOf(query: AuditQuery): Position | undefined {
  if (query.cursor === undefined) return query.from < query.to ? { day: lastDay(query) } : undefined;
  const position = decodeCursor(query.cursor, Position);
  return position.day >= dayOf(query.from) && position.day <= lastDay(query) ? position : undefined;
}

function dayBefore(day: string, { from }: AuditQuery): Position | undefined {
  const before = dayOf(new Date(Date.parse(day) - dayMs).toISOString());
  return before < dayOf(from) ? undefined : { day: before };
}

interface Part {
  readonly query: AuditQuery;
  readonly position: Position;
  readonly limit: number;
}

async function readPart(
  table: Table,
  { query, position: { day, after }, limit }: Part,
): Promise<ListRead<AuditEvent, Position>> {
  const page = await table.query({
    pk: partition(day),
    // Keys begin with a time and go on with `#`, which is before any digit: none of `to` itself is in the range.
    between: [query.from, query.to],
    newestFirst: true,
    limit,
    consistent: true,
    ...(after && { after }),
  });
  const entries = page.items.map((item) => {
    const event = AuditEvent.parse(item);
    return { value: matches(query, event) ? event : undefined, position: { day, after: keyOf(item) } };
  });
  const next = page.next
    ? { day, after: z.record(z.string(), z.string()).parse(page.next) }
    : dayBefore(day, query);
  return { entries, next };
}

const matches = (query: AuditQuery, event: AuditEvent): boolean =>
  filters.every((name) => query[name] === undefined || query[name] === event[name]);
