/** The function that looks after what events have left behind. */
import { type SweepReport, sweep } from '../executions/sweep.ts';
import { sweepInstances } from '../registry/sweep-instances.ts';
import type { SharedConfig } from './config.ts';
import { createSharedContext } from './execution-context.ts';
import { createExecutionStores } from './execution-stores.ts';
import { createLog } from './log.ts';
import { type Task, task } from './task.ts';

export interface SweptAll extends SweepReport {
  readonly instancesRemoved: number;
}

export function createSweep(config: SharedConfig): Task<SweptAll> {
  const context = createSharedContext(config, createLog('sweep', config), createExecutionStores);
  return task(async () => {
    const report = { ...(await sweep(context)), instancesRemoved: await sweepInstances(context) };
    context.log.info('swept', { ...report });
    return report;
  }, context);
}
