/** Lists of named things: one partition of the registry's first index, in the order of the names. */
import * as z from 'zod';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { Table } from './table.ts';

export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface ListPage<T> {
  readonly items: T[];
  readonly nextCursor: string | undefined;
}

const IndexKey = z.record(z.string(), z.string());

export async function listIndex<T>(
  table: Table,
  { limit, cursor, partition, shape }: PageRequest & { partition: string; shape: z.ZodType<T> },
): Promise<ListPage<T>> {
  const after = cursor === undefined ? undefined : decodeCursor(cursor, IndexKey);
  const page = await table.query({ index: 'gsi1', pk: partition, limit, ...(after && { after }) });
  return {
    items: page.items.map((item) => shape.parse(item)),
    nextCursor: page.next && encodeCursor(page.next),
  };
}
