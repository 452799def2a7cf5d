/** What is shown of counts: rates, errors and percentiles. */
import * as z from 'zod';
import { errorCatalogue, isErrorCode } from '../../../base/error-catalogue.ts';
import { percentileMs } from './histogram.ts';
import type { Tally } from './usage.ts';

const milliseconds = (percent: number) =>
  z
    .number()
    .optional()
    .describe(`Milliseconds that ${percent} of 100 did not exceed; left out where nothing was measured`);

export const Latency = z.object({
  p50Ms: milliseconds(50),
  p95Ms: milliseconds(95),
  p99Ms: milliseconds(99),
  longestMs: z.number().optional(),
});

const errorFields = {
  errorRate: z.number().describe('Errors for each that ended, from 0 to 1; 0 when none ended'),
  errors: z.number().int(),
  transientErrors: z.number().int().describe('Those of which another try might have helped'),
  errorsByCode: z.record(z.string(), z.number().int()).describe('By the code of the error'),
  cancelled: z.number().int().describe('Those that were cut short because their execution ended'),
  retries: z.number().int().describe('Those that repeated an earlier one'),
};

export const CallFigures = z.object({
  calls: z.number().int(),
  callsPerMinute: z.number(),
  ...errorFields,
  ...Latency.shape,
});
export type CallFigures = z.infer<typeof CallFigures>;

export const AttemptFigures = z.object({
  attempts: z.number().int(),
  ...errorFields,
  ...Latency.shape,
});

export function latencyOf({ buckets, longestMs }: Tally): z.infer<typeof Latency> {
  const [p50Ms, p95Ms, p99Ms] = [50, 95, 99].map((percent) => percentileMs(buckets, percent, longestMs));
  return p50Ms === undefined ? {} : { p50Ms, p95Ms, p99Ms, longestMs };
}

export const callFigures = (tally: Tally, minutes: number): CallFigures => ({
  calls: tally.count,
  callsPerMinute: rounded(tally.count / minutes),
  ...errorsOf(tally),
  ...latencyOf(tally),
});

export const attemptFigures = (tally: Tally): z.infer<typeof AttemptFigures> => ({
  attempts: tally.count,
  ...errorsOf(tally),
  ...latencyOf(tally),
});

function errorsOf({ count, errors: errorsByCode, cancelled, retries }: Tally) {
  const errors = sum(Object.values(errorsByCode));
  const transientErrors = sum(
    Object.entries(errorsByCode).map(([code, times]) => (isTransient(code) ? times : 0)),
  );
  const errorRate = count === 0 ? 0 : rounded(errors / count);
  return { errorRate, errors, transientErrors, errorsByCode, cancelled, retries };
}

const isTransient = (code: string): boolean =>
  isErrorCode(code) && errorCatalogue[code].retry === 'transient';

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
const rounded = (value: number): number => Math.round(value * 10_000) / 10_000;
