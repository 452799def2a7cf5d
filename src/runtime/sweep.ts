/** The function that looks after what events have left behind. */
import { type SweepReport, sweep } from '../executions/sweep.ts';
import { sweepInstances } from '../instances/sweep-instances.ts';
import { createSweepMarks } from '../monitor/system/sweep-marks.ts';
import { tellLateRuns } from '../monitor/system/tell-late-runs.ts';
import { type BackgroundFunction, unattendedFunction } from './background-function.ts';
import { cadenceOf } from './cadence.ts';
import type { SharedConfig } from './config.ts';
import { createExecutionContext } from './contexts/executions.ts';
import { createLog } from './log.ts';

export interface SweptAll extends SweepReport {
  readonly instancesRemoved: number;
}

export function createSweep(config: SharedConfig): BackgroundFunction<SweptAll> {
  const context = createExecutionContext(config, createLog('sweep', config));
  const sweepMarks = createSweepMarks(context.tables.telemetry, context.clock);
  return unattendedFunction(async (known) => {
    const report = { ...(await sweep(known)), instancesRemoved: await sweepInstances(known) };
    known.log.info('swept', { ...report });
    if (report.repaired > 0) known.metrics?.add('SweepRepairs', report.repaired);
    if (await sweepMarks.ran('sweep', cadenceOf('sweep', config)))
      await tellLateRuns({ ...known, sweepMarks });
    return report;
  }, context);
}
