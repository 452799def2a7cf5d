/**
 * The one state machine that undoes: it asks the undo function for a turn until there is nothing left to do.
 * Shared by all workflows, so that compensation is not part of any workflow's own machine.
 */
import * as z from 'zod';
import { turnMachine } from './turn-machine.ts';

/** What one turn is given: whose steps, and which execution of the undo machine asks. */
export const UndoTask = z.strictObject({ executionId: z.string(), owner: z.string() });
export type UndoTask = z.infer<typeof UndoTask>;

export const undoMachine = (undoFunction: string) =>
  turnMachine({
    comment: 'Undoes the recorded steps of one execution, newest first, then ends it',
    state: 'undo',
    functionArn: undoFunction,
    payload: {
      executionId: '{% $states.input.executionId %}',
      owner: '{% $states.context.Execution.Name %}',
    },
  });
