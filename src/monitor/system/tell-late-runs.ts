/**
 * What runs by a schedule and does not run: each of those that do looks after the others, so that one that stopped is told of.
 * That all have stopped has to be seen from outside.
 */
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { MetricValues } from '../metrics/metric-values.ts';
import type { SweepMarks } from './sweep-marks.ts';
import { sweepsNow } from './sweeps-now.ts';

export interface LateRunsContext {
  readonly sweepMarks: Pick<SweepMarks, 'all'>;
  readonly clock: Clock;
  readonly log: Pick<Log, 'warn'>;
  readonly metrics?: Pick<MetricValues, 'add'> | undefined;
}

/** The metric is that of the latest; none is written where all are in time. */
export async function tellLateRuns(context: LateRunsContext): Promise<void> {
  const late = (await sweepsNow(context)).filter((one) => one.late);
  for (const { name, agoSeconds } of late) context.log.warn('runs late', { late: name, agoSeconds });
  if (late.length > 0)
    context.metrics?.add('LateRuns', Math.max(...late.map(({ agoSeconds }) => agoSeconds)));
}
