/**
 * Changes in the table of instances: pk `CHANGE#<id>`, sk `CHANGE`; beside them, sk `CANCEL`, keys that asked for the end of one. Index 1: `OPEN_CHANGES`, those that have not ended;
 * `UNTOLD_CHANGES`, those whose end is to be told; index 2: `CHANGES`, all; both in the order in which they came. Ended ones go after the retention.
 */

import * as z from 'zod';
import { decodeCursor, encodeCursor } from '../../aws/cursor.ts';
import type { Item } from '../../aws/documents.ts';
import { ttlAttribute } from '../../aws/model/tables.ts';
import type { Table } from '../../aws/table.ts';
import { inBatches } from '../../base/in-batches.ts';
import { Change, hasEnded } from '../model/change.ts';

const keyOf = (id: string) => ({ pk: `CHANGE#${id}`, sk: 'CHANGE' });
const cancelKeyOf = (id: string) => ({ pk: `CHANGE#${id}`, sk: 'CANCEL' });
const Cancel = z.object({ requestHash: z.string() });
const idOf = ({ pk }: Item): string => String(pk).slice('CHANGE#'.length);

const Position = z.record(z.string(), z.string());

/** DynamoDB: one BatchGetItem reads at most a hundred. */
const mostKeys = 100;

export interface ChangePage {
  readonly changes: Change[];
  readonly nextCursor: string | undefined;
}

export type ChangeStore = ReturnType<typeof createChangeStore>;

export function createChangeStore(table: Table, retention: { readonly days: number }) {
  const all = (ids: readonly string[]): Promise<Change[]> =>
    inBatches(ids, mostKeys, async (some) => {
      const items = await table.getAll(some.map(keyOf));
      return items.flatMap((item) => (item ? [Change.parse(item)] : []));
    });

  return {
    async get(id: string): Promise<Change | undefined> {
      const item = await table.get(keyOf(id), { consistent: true });
      return item && Change.parse(item);
    },
    /** Writes it in place of the one before (`ver` 1: of none); false when somebody else has. */
    put(change: Change): Promise<boolean> {
      const place = `${change.requestedAt}#${change.id}`;
      const ended = hasEnded(change);
      const untilMs = Date.parse(change.endedAt ?? change.requestedAt) + retention.days * dayMs;
      return table.put(
        {
          ...keyOf(change.id),
          schemaVersion: 1,
          ...change,
          gsi2pk: 'CHANGES',
          gsi2sk: place,
          ...(ended && { [ttlAttribute]: Math.ceil(untilMs / 1000) }),
          ...(ended
            ? change.untold && { gsi1pk: 'UNTOLD_CHANGES', gsi1sk: place }
            : { gsi1pk: 'OPEN_CHANGES', gsi1sk: place }),
        },
        change.ver === 1
          ? { expression: 'attribute_not_exists(pk)' }
          : { expression: 'ver = :ver', values: { ':ver': change.ver - 1 } },
      );
    },
    /** The request that the key asked for the end of a change with; undefined when there was none. */
    async cancelOfKey(id: string): Promise<string | undefined> {
      const item = await table.get(cancelKeyOf(id), { consistent: true });
      return item && Cancel.parse(item).requestHash;
    },
    /** False when the key has asked for the end of a change before. */
    putCancelOfKey(id: string, requestHash: string, nowMs: number): Promise<boolean> {
      const untilMs = nowMs + retention.days * dayMs;
      return table.put(
        { ...cancelKeyOf(id), schemaVersion: 1, requestHash, [ttlAttribute]: Math.ceil(untilMs / 1000) },
        { expression: 'attribute_not_exists(pk)' },
      );
    },
    /** Those that have not ended, oldest first. */
    async open(): Promise<Change[]> {
      const items = await table.queryAll({ index: 'gsi1', pk: 'OPEN_CHANGES' });
      return (await all(items.map(idOf))).filter((change) => !hasEnded(change));
    },
    /** Those that have ended and of which nobody outside was told, oldest first; at most a hundred. */
    async untold(): Promise<Change[]> {
      const { items } = await table.query({ index: 'gsi1', pk: 'UNTOLD_CHANGES', limit: mostKeys });
      return (await all(items.map(idOf))).filter((change) => change.untold === true);
    },
    /** Newest first. */
    async list({ limit, cursor }: { limit: number; cursor?: string | undefined }): Promise<ChangePage> {
      const after = cursor === undefined ? undefined : decodeCursor(cursor, Position);
      const page = await table.page({
        index: 'gsi2',
        pk: 'CHANGES',
        newestFirst: true,
        limit,
        ...(after && { after }),
      });
      return { changes: await all(page.items.map(idOf)), nextCursor: page.next && encodeCursor(page.next) };
    },
  };
}

const dayMs = 86_400_000;
