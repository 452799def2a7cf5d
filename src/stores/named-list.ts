/** Lists of named things: one partition of the registry's first index, in the order of the names. */
import * as z from 'zod';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { Table } from './table.ts';

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

export async function listIndex<T>(
  table: Table,
  { limit, cursor, from, partition, shape }: PageRequest & { partition: string; shape: z.ZodType<T> },
): Promise<ListPage<T>> {
  const after = cursor === undefined ? undefined : decodeCursor(cursor, IndexKey);
  const page = await table.query({
    index: 'gsi1',
    pk: partition,
    limit,
    ...(from !== undefined && { between: [from, afterAllNames] }),
    ...(after && { after }),
  });
  return {
    items: page.items.map((item) => shape.parse(item)),
    nextCursor: page.next && encodeCursor(page.next),
  };
}
