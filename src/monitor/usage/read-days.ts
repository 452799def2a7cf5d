/**
 * The usage of a long window, by the hour. A day that is over is added up once, by the first who asks for it, and kept as an item
 * of its own, longer than its minutes: whoever asks later reads that. A day that goes on is read by its minutes.
 */

import { addedByHour, minutesOfDay } from './model/rolled-day.ts';
import type { Window } from './model/window.ts';
import type { ReadMinute, ReadUsage, Subject, UsageStore } from './store/usage-store.ts';

export type UsageRecords = Pick<UsageStore, 'between' | 'days' | 'putDay'>;

/** Containers write what they have counted ten seconds late, and a frozen one minutes later. */
const settledAfterMinutes = 60;

export async function readDays(
  records: UsageRecords,
  subject: Subject,
  {
    window: { from, to },
    nowMinute,
  }: { readonly window: Pick<Window, 'from' | 'to'>; readonly nowMinute: number },
): Promise<ReadUsage> {
  const first = Math.floor(from / minutesOfDay);
  const last = Math.floor((to - 1) / minutesOfDay);
  const kept = await records.days(subject, first, last);
  const minutes: ReadMinute[] = [];
  // The newest first: where there is too much, the oldest are left out.
  for (let day = last; day >= first; day -= 1) {
    const read = kept.get(day) ?? (await readDay(records, subject, { day, nowMinute }));
    minutes.push(...read.minutes.filter(({ minute }) => minute >= from && minute < to));
    if (read.cutBefore !== undefined) return { minutes, cutBefore: Math.max(from, read.cutBefore) };
  }
  return { minutes };
}

async function readDay(
  records: UsageRecords,
  subject: Subject,
  { day, nowMinute }: { readonly day: number; readonly nowMinute: number },
): Promise<ReadUsage> {
  const begin = day * minutesOfDay;
  const end = begin + minutesOfDay;
  const { minutes, cutBefore } = await records.between(subject, begin, end - 1);
  const hours = addedByHour(minutes);
  if (cutBefore !== undefined) return { minutes: hours, cutBefore: Math.ceil(cutBefore / 60) * 60 };
  // Of a name that nobody has called nothing is written, however often it is asked for.
  if (hours.length > 0 && end + settledAfterMinutes <= nowMinute) await records.putDay(subject, day, hours);
  return { minutes: hours };
}
