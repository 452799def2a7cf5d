/**
 * The steps that wait for a decision, oldest first: index 1 of the executions table says which may, their records say
 * which do. Those that nobody decided in time stay in the index until the sweeper ends them, and are passed over.
 */
import * as z from 'zod';
import { decodeCursor, encodeCursor } from '../../aws/cursor.ts';
import type { Item } from '../../aws/documents.ts';
import { filledPage, type ListRead } from '../../aws/filled-page.ts';
import type { PageRequest } from '../../aws/named-list.ts';
import { keyOf, type Table } from '../../aws/table.ts';
import { isWaiting, type StepRecord } from '../model/execution.ts';
import { timedOutBy } from '../model/wait-deadline.ts';

export const approvalPartition = 'APPROVAL';

export interface ApprovalPage {
  readonly records: StepRecord[];
  readonly nextCursor: string | undefined;
}

interface Reading {
  readonly table: Table;
  readonly itemToStep: (item: Item) => StepRecord;
  readonly now: number;
}

const IndexKey = z.record(z.string(), z.string());

interface Place {
  readonly after: Record<string, string> | undefined;
  /** Where the page begins. */
  readonly first?: boolean;
}

/** Mostly the first read fills a page; over thousands that timed out at once it goes on in these. */
const mostReads = 50;
/** DynamoDB: one BatchGetItem reads at most a hundred. */
const mostKeys = 100;

export async function awaitingApproval(
  reading: Reading,
  { limit, cursor }: PageRequest,
): Promise<ApprovalPage> {
  const after = cursor === undefined ? undefined : decodeCursor(cursor, IndexKey);
  const { items, next } = await filledPage<StepRecord, Place>({
    from: { after, first: true },
    limit,
    mostReads,
    read: (place, atOnce) => read(reading, place, place.first ? Math.min(atOnce, mostKeys) : mostKeys),
  });
  return { records: items, nextCursor: next?.after && encodeCursor(next.after) };
}

async function read(
  { table, itemToStep, now }: Reading,
  { after }: Place,
  limit: number,
): Promise<ListRead<StepRecord, Place>> {
  const page = await table.query({
    index: 'gsi1',
    pk: approvalPartition,
    limit,
    ...(after && { after }),
  });
  const keys = page.items.map((item) => ({ pk: String(item['pk']), sk: String(item['sk']) }));
  const found = keys.length === 0 ? [] : await table.getAll(keys);
  const entries = page.items.map((item, index) => {
    const stored = found[index];
    const step = stored && itemToStep(stored);
    const value = step && isWaiting(step) && !timedOutBy(step, now) ? step : undefined;
    return { value, position: { after: keyOf(item, 'gsi1') } };
  });
  return { entries, next: page.next && { after: IndexKey.parse(page.next) } };
}
