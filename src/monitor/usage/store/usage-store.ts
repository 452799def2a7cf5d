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
const StoredDay = z.array(z.object({ minute: z.number().int(), usage: Usage }));

const minuteMs = 60_000;
/** Pages of up to 1 MB behind one answer. */
const mostPages = 20;

const keyOf = ({ kind, name }: Subject): string => `USAGE#${kind.toUpperCase()}#${name}`;

/** Days that were added up, under the same name. */
const daysKeyOf = (subject: Subject): string => keyOf(subject).replace('USAGE#', 'USAGE_DAYS#');

const dayMs = 86_400_000;
const dayText = (day: number): string => new Date(day * dayMs).toISOString().slice(0, 10);
/** Longer than the minutes of the day. */
const rolledDays = 400;

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
    /** Days that were added up, by the day since the epoch; both ends included. */
    async days(subject: Subject, first: number, last: number): Promise<ReadonlyMap<number, ReadUsage>> {
      const items = await table.queryAll({
        pk: daysKeyOf(subject),
        between: [dayText(first), dayText(last)],
      });
      return new Map(items.map(itemToDay));
    },
    /** Whoever adds up a day writes the same. */
    async putDay(subject: Subject, day: number, hours: readonly ReadMinute[]): Promise<void> {
      const usage = JSON.stringify([...hours].sort((one, other) => one.minute - other.minute));
      const expiresAtEpochSeconds = day * 86_400 + rolledDays * 86_400;
      const key = { pk: daysKeyOf(subject), sk: dayText(day) };
      await table.put({ ...key, schemaVersion: 1, usage, expiresAtEpochSeconds });
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

function itemToDay(item: Item): [number, ReadUsage] {
  const { sk, usage } = Stored.parse(item);
  return [Date.parse(`${sk}T00:00Z`) / dayMs, { minutes: StoredDay.parse(JSON.parse(usage)) }];
}
