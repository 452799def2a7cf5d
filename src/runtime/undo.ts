/** The function that takes back what steps did. */
import { UndoTask, type UndoTurn } from '../domain/workflows/undo-machine.ts';
import { undoTurn } from '../executions/undo-execution.ts';
import { createCallingContext } from './calling-context.ts';
import type { CallingConfig } from './config.ts';
import { createLog } from './log.ts';
import { type Task, task } from './task.ts';

export function createUndo(config: CallingConfig): Task<UndoTurn> {
  const context = createCallingContext(config, createLog('undo', config));
  return task((event) => undoTurn(context, UndoTask.parse(event)), context);
}
