/** The usage of a service or a workflow over a window, for the operations that show it. */
import type { Clock } from '../../base/clock.ts';
import type { Meter } from './create-meter.ts';
import { sumOf, type Tally, type Usage } from './model/usage.ts';
import { cutTo, isLong, isoOfMinute, type Window } from './model/window.ts';
import { readDays, type UsageRecords } from './read-days.ts';
import type { ReadMinute, Subject } from './store/usage-store.ts';

export interface UsageContext {
  readonly usageRecords: UsageRecords;
  /** This container's own; absent where nothing is counted. */
  readonly meter?: Pick<Meter, 'flush'> | undefined;
  readonly clock: Clock;
}

export interface WindowUsage {
  readonly window: Window;
  readonly minutes: readonly ReadMinute[];
  readonly sum: Usage;
  /** Whether all of the window that was asked for was read. */
  readonly complete: boolean;
}

export async function readUsage(
  { usageRecords, meter, clock }: UsageContext,
  subject: Subject,
  asked: Window,
): Promise<WindowUsage> {
  // What was counted here is shown at once.
  await meter?.flush();
  const { minutes, cutBefore } = isLong(asked)
    ? await readDays(usageRecords, subject, { window: asked, nowMinute: clock.now() / 60_000 })
    : await usageRecords.between(subject, asked.from, asked.to - 1);
  const window = cutTo(asked, cutBefore);
  return { window, minutes, sum: sumOf(minutes.map(({ usage }) => usage)), complete: window === asked };
}

export const shownWindow = ({ window: { from, to, resolution }, complete }: WindowUsage) => ({
  from: isoOfMinute(from),
  to: isoOfMinute(to),
  complete,
  resolutionMinutes: resolution,
});

/** Those with most first; of more than so many the rest is counted with the others by whoever wrote them. */
export const byCount = (parts: Usage['parts']): [string, Tally][] =>
  Object.entries(parts).sort(([, one], [, other]) => other.count - one.count);
