/** Sends the result of a step that waited for its callback to the state machine. */

import type { ExecutionContext } from './context.ts';
import { resultOf, type StepRecord } from './model/execution.ts';

/** What a function gives back whose result comes later. */
export interface Waiting {
  readonly waiting: true;
}
export const waiting: Waiting = { waiting: true };

/**
 * Sends what is recorded of a finished step, safe to repeat; false when the state machine waits no more. The
 * token is forgotten after that, so a record that still has one tells of a callback that was lost.
 */
export async function callBack(context: ExecutionContext, step: StepRecord): Promise<boolean> {
  const { token, status } = step;
  if (token === undefined) return false;
  const { stepFunctions } = context;
  const taken =
    status === 'SUCCEEDED'
      ? await stepFunctions.succeedTask(token, resultOf(step))
      : await stepFunctions.failTask(token, failureOf(step));
  await context.steps.forgetToken(step);
  return taken;
}

/** As a function that throws: the code is the error's name, on which Catch matches. */
function failureOf({ attempts }: StepRecord): { error: string; cause: string } {
  const { code, message } = attempts.at(-1)?.error ?? {
    code: 'execution.cancelled',
    message: 'The execution is ending',
  };
  return { error: code, cause: JSON.stringify({ errorType: code, errorMessage: message }) };
}
