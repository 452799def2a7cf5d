/** The function that carries out a step. */
import { runTask } from '../executions/run-task.ts';
import { type BackgroundFunction, tracedFunction } from './background-function.ts';
import type { CallingConfig } from './config.ts';
import { createCallingContext } from './contexts/executions.ts';
import { createLog } from './log.ts';

export function createRunStep(config: CallingConfig): BackgroundFunction<unknown> {
  const context = createCallingContext(config, createLog('run-step', config));
  return tracedFunction(runTask, context);
}
