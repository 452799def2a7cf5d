/** `check-health`: asks the instances that nobody here starts how they are, by its schedule. */
import { createHealthSweep, type HealthSweepReport } from '../monitor/health/sweep-health.ts';
import { type BackgroundFunction, backgroundFunction } from './background-function.ts';
import { cadenceOf } from './cadence.ts';
import type { HealthConfig } from './config.ts';
import { createHealthContext } from './contexts/health.ts';
import { createLog } from './log.ts';

export function createCheckHealth(config: HealthConfig): BackgroundFunction<HealthSweepReport> {
  const context = createHealthContext(config, createLog('check-health', config));
  const health = createHealthSweep(context, context.sweeping);
  return backgroundFunction(async () => {
    const report = await health.sweep();
    await context.sweepMarks.ran('check-health', cadenceOf('check-health', config));
    return report;
  }, context);
}
