/** The function that takes back what steps did. */

import { undoTurn } from '../executions/undo-execution.ts';
import type { Turn } from '../workflows/compiler/turn-machine.ts';
import { UndoTask } from '../workflows/compiler/undo-machine.ts';
import { type BackgroundFunction, tracedFunction } from './background-function.ts';
import type { CallingConfig } from './config.ts';
import { createCallingContext } from './contexts/executions.ts';
import { createLog } from './log.ts';

export function createUndo(config: CallingConfig): BackgroundFunction<Turn> {
  const context = createCallingContext(config, createLog('undo', config));
  return tracedFunction((known, event) => undoTurn(known, UndoTask.parse(event)), context);
}
