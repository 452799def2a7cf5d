/** The function that takes back what steps did. */

import { undoTurn } from '../executions/undo-execution.ts';
import { UndoTask, type UndoTurn } from '../workflows/compiler/undo-machine.ts';
import type { CallingConfig } from './config.ts';
import { createCallingContext } from './contexts/executions.ts';
import { createLog } from './log.ts';
import { type Task, task } from './task.ts';

export function createUndo(config: CallingConfig): Task<UndoTurn> {
  const context = createCallingContext(config, createLog('undo', config));
  return task((event) => undoTurn(context, UndoTask.parse(event)), context);
}
