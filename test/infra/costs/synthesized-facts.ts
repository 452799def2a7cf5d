/** What the templates say about cost: how often schedules run, and how much memory each function has. */
import * as z from 'zod';
import type { Resource } from './synthesized-stage.ts';

const Scheduled = z.object({ ScheduleExpression: z.string() });
const SizedFunction = z.object({ Description: z.string(), MemorySize: z.number() });

/** Runs of all schedules in a month of 30 days. */
export const scheduledRuns = (resources: readonly Resource[]): Record<string, number> =>
  Object.fromEntries(
    resources.flatMap(({ properties }) => {
      const { data } = Scheduled.safeParse(properties);
      return data ? [[data.ScheduleExpression, runsOf(data.ScheduleExpression)]] : [];
    }),
  );

const minutes: Readonly<Record<string, number>> = { minute: 1, hour: 60, day: 24 * 60 };

function runsOf(expression: string): number {
  const [, count, unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const every = Number(count) * (minutes[unit] ?? Number.NaN);
  if (Number.isNaN(every)) throw new Error(`${expression} is a schedule that this does not know`);
  return (30 * 24 * 60) / every;
}

/** GB by the name of the function. */
export const memoryGb = (resources: readonly Resource[]): Record<string, number> =>
  Object.fromEntries(
    resources
      .filter(({ type }) => type === 'AWS::Lambda::Function')
      .map(({ properties }) => SizedFunction.parse(properties))
      .map(({ Description, MemorySize }) => [Description.split(' of ')[0], MemorySize / 1024]),
  );
