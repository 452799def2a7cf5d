/** The function that carries out a step. */
import { runTask } from '../executions/run-task.ts';
import type { CallingConfig } from './config.ts';
import { createCallingContext } from './contexts/executions.ts';
import { createLog } from './log.ts';
import { type Task, task } from './task.ts';

export function createRunStep(config: CallingConfig): Task<unknown> {
  const context = createCallingContext(config, createLog('run-step', config));
  return task((event) => runTask(context, event), context);
}
