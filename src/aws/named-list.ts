/** Lists of named things: one partition of the registry's first index, in the order of the names. */
import * as z from 'zod';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { filledPage, type ListRead } from './filled-page.ts';
import { keyOf, type Table } from './table.ts';

export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string | undefined;
  /** Begins with this name, or the next one; the same on each page of a list. */
  readonly from?: string | undefined;
}

export interface ListPage<T> {
  readonly items: T[];
  readonly nextCursor: string | undefined;
}

/** Names hold a-z, 0-9 and `-`, which all come before it. */
const afterAllNames = '~';

const IndexKey = z.record(z.string(), z.string());

interface NamedList<T> extends PageRequest {
  readonly partition: string;
  readonly shape: z.ZodType<T>;
  /** Whether the list shows it; all of them when left out. */
  readonly shows?: (item: T) => boolean;
}

/** A page may be short only after so many reads of so many. */
const mostReads = 10;
const filteredAtOnce = 100;

export async function listIndex<T>(table: Table, list: NamedList<T>): Promise<ListPage<T>> {
  const after = list.cursor === undefined ? undefined : decodeCursor(list.cursor, IndexKey);
  const { items, next } = await filledPage({
    from: { after },
    limit: list.limit,
    mostReads,
    atOnce: list.shows && filteredAtOnce,
    read: (position, limit) => readPart(table, list, { ...position, limit }),
  });
  return { items, nextCursor: next?.after && encodeCursor(next.after) };
}

interface Place {
  readonly after: Record<string, string> | undefined;
}

async function readPart<T>(
  table: Table,
  { from, partition, shape, shows = () => true }: NamedList<T>,
  { after, limit }: Place & { readonly limit: number },
): Promise<ListRead<T, Place>> {
  const page = await table.query({
    index: 'gsi1',
    pk: partition,
    limit,
    ...(from !== undefined && { between: [from, afterAllNames] }),
    ...(after && { after }),
  });
  const entries = page.items.map((item) => {
    const value = shape.parse(item);
    return { value: shows(value) ? value : undefined, position: { after: keyOf(item, 'gsi1') } };
  });
  return { entries, next: page.next && { after: IndexKey.parse(page.next) } };
}
