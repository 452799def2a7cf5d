/** Whether what runs by a schedule runs. */
import * as z from 'zod';
import type { Clock } from '../../base/clock.ts';
import type { SweepMarks } from './sweep-marks.ts';

export const Sweep = z.object({
  name: z.string(),
  lastRanAt: z.string().describe('ISO time; written down once a minute at most'),
  agoSeconds: z.number().int(),
  late: z.boolean().describe('Whether it should have run again long ago'),
});

/** Runs that may be missing before it is late, besides the minute within which one is written down. */
const missedRuns = 3;

export async function sweepsNow({
  sweepMarks,
  clock,
}: {
  readonly sweepMarks: Pick<SweepMarks, 'all'>;
  readonly clock: Clock;
}): Promise<z.infer<typeof Sweep>[]> {
  const marks = await sweepMarks.all();
  return marks.map(({ name, ranAtMs, everySeconds }) => {
    const agoSeconds = Math.max(0, Math.round((clock.now() - ranAtMs) / 1000));
    return {
      name,
      lastRanAt: new Date(ranAtMs).toISOString(),
      agoSeconds,
      late: agoSeconds > 60 + missedRuns * everySeconds,
    };
  });
}
