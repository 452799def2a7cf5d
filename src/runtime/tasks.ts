/** The functions that no client calls: steps, ends, undos and the sweeper. Each parses what it is given. */
import * as z from 'zod';
import { UndoTask, type UndoTurn } from '../domain/workflows/undo-machine.ts';
import { recordEnd } from '../executions/close-execution.ts';
import { runTask } from '../executions/run-task.ts';
import { type SweepReport, sweep } from '../executions/sweep.ts';
import { undoTurn } from '../executions/undo-execution.ts';
import { sweepInstances } from '../registry/sweep-instances.ts';
import { createCallingContext } from './calling-context.ts';
import type { CallingConfig, RecordingConfig } from './config.ts';
import { createSharedContext } from './execution-context.ts';
import { createLog } from './log.ts';

export interface Task<Output> {
  (event: unknown): Promise<Output>;
  close(): void;
}

const task = <Output>(run: (event: unknown) => Promise<Output>, context: { close(): void }): Task<Output> =>
  Object.assign(run, { close: () => context.close() });

export function createRunStep(config: CallingConfig): Task<unknown> {
  const context = createCallingContext(config, createLog('run-step', config));
  return task((event) => runTask(context, event), context);
}

export function createUndo(config: CallingConfig): Task<UndoTurn> {
  const context = createCallingContext(config, createLog('undo', config));
  return task((event) => undoTurn(context, UndoTask.parse(event)), context);
}

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

export function createRecordExecution(config: RecordingConfig): Task<void> {
  const context = createSharedContext(config, createLog('record-execution', config));
  return task(async (event) => {
    const { detail } = StatusChange.parse(event);
    if (detail.status === 'RUNNING') return;
    const cut = detail.outputDetails?.included === false;
    const observed = cut ? await context.stepFunctions.describe(detail.executionArn) : detail;
    if (observed) await recordEnd(context, detail.name, observed);
  }, context);
}

export interface SweptAll extends SweepReport {
  readonly instancesRemoved: number;
}

export function createSweep(config: RecordingConfig): Task<SweptAll> {
  const context = createSharedContext(config, createLog('sweep', config));
  return task(async () => {
    const report = { ...(await sweep(context)), instancesRemoved: await sweepInstances(context) };
    context.log.info('swept', { ...report });
    return report;
  }, context);
}
