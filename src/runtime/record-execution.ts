/** The function that records how executions ended. */
import * as z from 'zod';
import { recordEnd } from '../executions/close-execution.ts';
import { type BackgroundFunction, unattendedFunction } from './background-function.ts';
import type { SharedConfig } from './config.ts';
import { createExecutionContext } from './contexts/executions.ts';
import { createLog } from './log.ts';

/** AWS: "Step Functions Execution Status Change" events. */
const StatusChange = z.object({
  detail: z.object({
    name: z.string(),
    executionArn: z.string(),
    status: z.string(),
    output: z.string().nullish(),
    error: z.string().nullish(),
    cause: z.string().nullish(),
    redriveCount: z.number().nullish(),
    outputDetails: z.object({ included: z.boolean() }).nullish(),
  }),
});

export function createRecordExecution(config: SharedConfig): BackgroundFunction<void> {
  const context = createExecutionContext(config, createLog('record-execution', config));
  return unattendedFunction(async (known, event) => {
    const { detail } = StatusChange.parse(event);
    if (detail.status === 'RUNNING') return;
    const cut = detail.outputDetails?.included === false;
    const observed = cut ? await known.stepFunctions.describe(detail.executionArn) : detail;
    if (observed) await recordEnd(known, detail.name, observed);
  }, context);
}
