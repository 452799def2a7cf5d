/** The function that looks after what events have left behind. */
import { type SweepReport, sweep } from '../executions/sweep.ts';
import { sweepInstances } from '../instances/sweep-instances.ts';
import { type BackgroundFunction, unattendedFunction } from './background-function.ts';
import type { SharedConfig } from './config.ts';
import { createExecutionContext } from './contexts/executions.ts';
import { createLog } from './log.ts';

export interface SweptAll extends SweepReport {
  readonly instancesRemoved: number;
}

export function createSweep(config: SharedConfig): BackgroundFunction<SweptAll> {
  const context = createExecutionContext(config, createLog('sweep', config));
  return unattendedFunction(async () => {
    const report = { ...(await sweep(context)), instancesRemoved: await sweepInstances(context) };
    context.log.info('swept', { ...report });
    return report;
  }, context);
}
