/**
 * Usage by the minute. Each container has an item of its own for each minute and each service or workflow, and puts all
 * that it has counted in that minute again and again: whatever is sent twice writes the same, and nothing is counted twice.
 * Who reads adds the items of all containers.
 */
import * as z from 'zod';
import type { Item } from '../../../aws/documents.ts';
import type { Table } from '../../../aws/table.ts';
import { Usage } from '../model/usage.ts';

/** Whose usage it is. */
export interface Subject {
  readonly kind: 'service' | 'workflow';
  readonly name: string;
}

export interface CountedMinute {
  readonly subject: Subject;
  /** Minutes since the epoch. */
  readonly minute: number;
  readonly container: string;
  /** Grows with each change of the counts: what is sent late replaces nothing that is newer. */
  readonly changes: number;
  readonly usage: Usage;
}

export type ReadMinute = Pick<CountedMinute, 'minute' | 'usage'>;

export interface ReadUsage {
  readonly minutes: readonly ReadMinute[];
  /** The minute before which nothing was read, since there was too much; undefined where all was read. */
  readonly cutBefore?: number;
}

const Stored = z.object({ sk: z.string(), usage: z.string() });

const minuteMs = 60_000;
/** Pages of up to 1 MB behind one answer. */
const mostPages = 20;

const keyOf = ({ kind, name }: Subject): string => `USAGE#${kind.toUpperCase()}#${name}`;

/** Sorts as time does. */
const textOf = (minute: number): string => new Date(minute * minuteMs).toISOString().slice(0, 16);
const minuteIn = (sk: string): number => Date.parse(`${sk.slice(0, 16)}Z`) / minuteMs;

export type UsageStore = ReturnType<typeof createUsageStore>;

export function createUsageStore(table: Table, { days }: { readonly days: number }) {
  const expiry = (minute: number): number => minute * 60 + days * 86_400;

  return {
    /** False where newer counts of the container are there. */
    put({ subject, minute, container, changes, usage }: CountedMinute): Promise<boolean> {
      const item = {
        pk: keyOf(subject),
        sk: `${textOf(minute)}#${container}`,
        schemaVersion: 1,
        changes,
        usage: JSON.stringify(usage),
        expiresAtEpochSeconds: expiry(minute),
      };
      return table.put(item, {
        expression: 'attribute_not_exists(pk) OR changes < :changes',
        values: { ':changes': changes },
      });
    },
    /** From one minute to another, both included; eventually consistent. Where there is too much, the newest. */
    async between(subject: Subject, from: number, to: number): Promise<ReadUsage> {
      const minutes: ReadMinute[] = [];
      let after: Item | undefined;
      for (let pages = 0; pages < mostPages; pages++) {
        const page = await table.query({
          pk: keyOf(subject),
          between: [textOf(from), `${textOf(to)}~`],
          newestFirst: true,
          ...(after && { after }),
        });
        minutes.push(...page.items.map(itemToMinute));
        after = page.next;
        if (!after) return { minutes };
      }
      // Of the minute that was read last there may be more.
      const cutBefore = (minutes.at(-1)?.minute ?? to) + 1;
      return { minutes: minutes.filter(({ minute }) => minute >= cutBefore), cutBefore };
    },
    /** The last minute in which anything was counted; undefined where nothing is kept. */
    async latest(subject: Subject): Promise<number | undefined> {
      const { items } = await table.query({ pk: keyOf(subject), newestFirst: true, limit: 1 });
      return items.map(itemToMinute).at(0)?.minute;
    },
  };
}

function itemToMinute(item: Item): ReadMinute {
  const { sk, usage } = Stored.parse(item);
  return { minute: minuteIn(sk), usage: Usage.parse(JSON.parse(usage)) };
}
