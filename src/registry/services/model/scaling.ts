/** How many instances a service has: within which bounds, following what, and when. */
import * as z from 'zod';
import { wholeNumber } from '../../../base/bounded-number.ts';
import { cronFault } from './cron.ts';
import { isTimeZone } from './time-zone.ts';

const fewest = wholeNumber({ from: 0, to: 1000, example: 1 });
const most = wholeNumber({ from: 1, to: 1000, example: 2 });

/** What an instance is meant to carry. Of several the one that wants most instances decides. */
export const ScalingTarget = z
  .strictObject({
    inFlightPerInstance: wholeNumber({ from: 1, to: 10_000, example: 8 })
      .optional()
      .describe('Calls at the same time'),
    callsPerMinutePerInstance: wholeNumber({ from: 1, to: 1_000_000, example: 600 })
      .optional()
      .describe('Calls in a minute'),
    p95LatencyMs: wholeNumber({ from: 1, to: 900_000, example: 500 })
      .optional()
      .describe(
        'Milliseconds within which 95 of 100 calls are answered; it asks for more instances, never for fewer',
      ),
    waitingStepsPerInstance: wholeNumber({ from: 1, to: 10_000, example: 5 })
      .optional()
      .describe('Steps that wait for an instance; it asks for more instances, never for fewer'),
  })
  .refine((target) => Object.values(target).some((value) => value !== undefined), {
    error:
      'must name one or more of inFlightPerInstance, callsPerMinutePerInstance, p95LatencyMs, waitingStepsPerInstance',
  });
export type ScalingTarget = z.infer<typeof ScalingTarget>;

const Cron = z
  .string()
  .max(128)
  .superRefine((text, context) => {
    const fault = cronFault(text);
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault, input: text });
  })
  .describe('When it begins: minute hour day month weekday, such as 0 8 * * 1-5');

/** Other bounds from a time on, until another schedule begins. */
export const ScalingSchedule = z
  .strictObject({
    cron: Cron,
    timeZone: z
      .string()
      .max(64)
      .refine(isTimeZone, 'must be the name of a time zone, such as Europe/Berlin')
      .default('UTC')
      .describe('Time zone of the cron expression'),
    minInstances: fewest.optional().describe('At least so many while it holds'),
    maxInstances: most.optional().describe('At most so many while it holds'),
    instances: most.optional().describe('Just so many while it holds'),
  })
  .refine(
    ({ minInstances, maxInstances, instances }) => (minInstances ?? maxInstances ?? instances) !== undefined,
    {
      error: 'must name minInstances, maxInstances or instances',
    },
  )
  .refine(
    ({ minInstances, maxInstances, instances }) =>
      instances === undefined || (minInstances ?? maxInstances) === undefined,
    {
      path: ['instances'],
      error: 'stands for both bounds: leave minInstances and maxInstances out',
    },
  );
export type ScalingSchedule = z.infer<typeof ScalingSchedule>;

export const Scaling = z
  .strictObject({
    minInstances: fewest.default(1).describe('At least so many'),
    maxInstances: most.default(1).describe('At most so many'),
    target: ScalingTarget.optional().describe('What the count follows within the bounds'),
    scaleUpCooldownSeconds: wholeNumber({ from: 0, to: 3600, example: 15 })
      .default(15)
      .describe('Seconds after an increase before the next one'),
    scaleDownCooldownSeconds: wholeNumber({ from: 0, to: 86_400, example: 120 })
      .default(120)
      .describe('Seconds after a change before a decrease'),
    schedules: z
      .array(ScalingSchedule)
      .max(20)
      .default([])
      .describe('Other bounds by the time; the one that began last holds'),
    scaleToZeroAfterSeconds: wholeNumber({ from: 1, to: 604_800, example: 600 })
      .optional()
      .describe('Seconds without calls after which none runs, also where minInstances is above 0'),
  })
  .superRefine(({ minInstances, maxInstances, schedules }, context) => {
    const refuse = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, message });
    if (minInstances > maxInstances) return refuse(['minInstances'], 'must be at most maxInstances');
    for (const [index, schedule] of schedules.entries()) {
      const scheduled = boundsWithin({ minInstances, maxInstances }, schedule);
      if (scheduled.minInstances <= scheduled.maxInstances) continue;
      const field = schedule.minInstances === undefined ? 'maxInstances' : 'minInstances';
      refuse(['schedules', index, field], crossed(field, scheduled));
    }
  });
export type Scaling = z.infer<typeof Scaling>;

type Bounds = Pick<Scaling, 'minInstances' | 'maxInstances'>;

/** The bounds while a schedule holds: its own, and of the service those that it does not name. */
export const boundsWithin = (
  service: Bounds,
  schedule: Omit<ScalingSchedule, 'cron' | 'timeZone'>,
): Bounds => ({
  minInstances: schedule.instances ?? schedule.minInstances ?? service.minInstances,
  maxInstances: schedule.instances ?? schedule.maxInstances ?? service.maxInstances,
});

const crossed = (field: 'minInstances' | 'maxInstances', { minInstances, maxInstances }: Bounds): string =>
  field === 'minInstances'
    ? `must be at most maxInstances, which is ${maxInstances} while it holds`
    : `must be at least minInstances, which is ${minInstances} while it holds`;
