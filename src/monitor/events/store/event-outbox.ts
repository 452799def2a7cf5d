/**
 * Events that wait to be taken, in the telemetry table, one item for each that is to be told of it: pk `EVENTS#<listener>`,
 * sk `<sequence>.<event id>`, so that a partition is in the order in which things happened. Those that were given up are in
 * `DEAD_EVENTS#<listener>` under the same sk, until TTL removes them; `EVENT_LEASE#<listener>` says who delivers.
 */
import * as z from 'zod';
import { decodeCursor, encodeCursor } from '../../../aws/cursor.ts';
import type { Item } from '../../../aws/documents.ts';
import { ttlAttribute } from '../../../aws/model/tables.ts';
import type { Table } from '../../../aws/table.ts';
import { CloudEvent } from '../model/cloud-event.ts';

const KeptEvent = z.object({
  sk: z.string(),
  event: z.string().transform((text) => CloudEvent.parse(JSON.parse(text))),
  attempts: z.number().int(),
  /** Before this it is not sent again, in milliseconds since the epoch. */
  dueAtMs: z.number().int(),
  lastFailure: z.string().optional(),
  givenUpAt: z.string().optional(),
  [ttlAttribute]: z.number().int(),
});
export type KeptEvent = z.infer<typeof KeptEvent>;

export type EventState = 'waiting' | 'given-up';

export interface KeptPage {
  readonly events: KeptEvent[];
  readonly nextCursor: string | undefined;
}

const partitions = { waiting: 'EVENTS', 'given-up': 'DEAD_EVENTS' } as const satisfies Record<
  EventState,
  string
>;
const partition = (listener: string, state: EventState): string => `${partitions[state]}#${listener}`;
/** Whose event it is, by the key of one that waits. */
export const listenerIn = (pk: string): string => pk.slice(`${partitions.waiting}#`.length);
const leaseKey = (listener: string) => ({ pk: `EVENT_LEASE#${listener}`, sk: 'HEAD' });

/** Days for which those that were given up are kept; those that wait have been sent or given up long before. */
export const keptDays = 14;
const expiry = (nowMs: number): number => Math.ceil(nowMs / 1000) + keptDays * 86_400;

const Position = z.record(z.string(), z.string());
const toItem = ({ event, ...kept }: KeptEvent): Item => ({
  schemaVersion: 1,
  ...kept,
  event: JSON.stringify(event),
});

export type EventOutbox = ReturnType<typeof createEventOutbox>;

export function createEventOutbox(table: Table) {
  const put = (listener: string, state: EventState, kept: KeptEvent, anew: boolean): Promise<boolean> =>
    table.put(
      { ...toItem(kept), pk: partition(listener, state), sk: kept.sk },
      anew ? { expression: 'attribute_not_exists(pk)' } : undefined,
    );
  const remove = (listener: string, state: EventState, { sk }: KeptEvent): Promise<boolean> =>
    table.delete({ pk: partition(listener, state), sk });

  return {
    /** Does nothing where it waits already. */
    async add(listener: string, event: CloudEvent, nowMs: number): Promise<void> {
      const sk = `${event.sequence}.${event.id}`;
      const kept = { sk, event, attempts: 0, dueAtMs: nowMs, [ttlAttribute]: expiry(nowMs) };
      await put(listener, 'waiting', kept, true);
    },
    /** In the order in which things happened, strongly consistent; those whose time is over are left out. */
    async page(
      { listener, state, nowMs }: { listener: string; state: EventState; nowMs: number },
      { limit, cursor }: { limit: number; cursor?: string | undefined },
    ): Promise<KeptPage> {
      const after = cursor === undefined ? undefined : decodeCursor(cursor, Position);
      const pk = partition(listener, state);
      const page = await table.page({ pk, limit, consistent: true, ...(after && { after }) });
      const events = page.items.map((item) => KeptEvent.parse(item));
      return {
        events: events.filter((kept) => kept[ttlAttribute] * 1000 > nowMs),
        nextCursor: page.next && encodeCursor(page.next),
      };
    },
    /** It was taken, or is kept for nobody any more. */
    forget: (listener: string, state: EventState, kept: KeptEvent): Promise<boolean> =>
      remove(listener, state, kept),
    /** It is sent again later; nothing where somebody else has sent it meanwhile. */
    postpone: (
      listener: string,
      { sk, attempts }: KeptEvent,
      { dueAtMs, lastFailure }: { readonly dueAtMs: number; readonly lastFailure: string },
    ): Promise<boolean> =>
      table.update(
        { pk: partition(listener, 'waiting'), sk },
        {
          set: { attempts: attempts + 1, dueAtMs, lastFailure },
          condition: { expression: 'attribute_exists(pk)' },
        },
      ),
    /** Is among those that were given up before it waits no more: a crash in between leaves it in both. */
    async giveUp(
      listener: string,
      kept: KeptEvent,
      { nowMs, lastFailure }: { readonly nowMs: number; readonly lastFailure: string },
    ): Promise<void> {
      const givenUpAt = new Date(nowMs).toISOString();
      const dead = { ...kept, givenUpAt, lastFailure, [ttlAttribute]: expiry(nowMs) };
      await put(listener, 'given-up', dead, false);
      await remove(listener, 'waiting', kept);
    },
    /** Waits again, as if it had not been sent. */
    async resend(listener: string, kept: KeptEvent, nowMs: number): Promise<void> {
      const { sk, event } = kept;
      const anew = { sk, event, attempts: 0, dueAtMs: nowMs, [ttlAttribute]: expiry(nowMs) };
      await put(listener, 'waiting', anew, true);
      await remove(listener, 'given-up', kept);
    },
    /** False while somebody else delivers. */
    takeLease: (listener: string, owner: string, { nowMs, forMs }: { nowMs: number; forMs: number }) =>
      table.put(
        {
          ...leaseKey(listener),
          schemaVersion: 1,
          owner,
          untilMs: nowMs + forMs,
          [ttlAttribute]: expiry(nowMs),
        },
        { expression: 'attribute_not_exists(pk) OR untilMs < :now', values: { ':now': nowMs } },
      ),
    async endLease(listener: string, owner: string): Promise<void> {
      await table.delete(leaseKey(listener), {
        expression: '#owner = :owner',
        names: { '#owner': 'owner' },
        values: { ':owner': owner },
      });
    },
  };
}
