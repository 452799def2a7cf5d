/** Callbacks: a task is named by its token, and ends with the first success or failure that is sent for it. */
import * as z from 'zod';
import { deepestNesting, isTooDeep } from '../../../src/base/nesting.ts';
import type { EntryBody } from '../running/entry.ts';
import { largestValue } from '../running/state-failure.ts';
import { placeOf } from '../running/task-token.ts';
import { ApiError } from './api-error.ts';
import { type Operation, type OperationContext, operation } from './operation.ts';

const TaskToken = z.string().min(1).max(2048);

/** AWS tells a token that was never given out from one whose task is over. */
function callBack({ executions }: OperationContext, token: string, told: EntryBody): object {
  if (placeOf(token) === undefined) throw new ApiError('InvalidToken', "Invalid Token: 'Invalid token'");
  if (executions.callBack(token, told)) return {};
  throw new ApiError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");
}

function parsedOutput(text: string): unknown {
  if (Buffer.byteLength(text) > largestValue)
    throw new ApiError('InvalidOutput', `Invalid Output: 'It has more than ${largestValue} bytes'`);
  if (isTooDeep(text))
    throw new ApiError(
      'InvalidOutput',
      `Invalid Output: 'It is nested more than ${deepestNesting} levels deep'`,
    );
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ApiError('InvalidOutput', `Invalid Output: '${reason}'`);
  }
}

const SuccessInput = z.strictObject({ taskToken: TaskToken, output: z.string() });

const sendTaskSuccess = operation(SuccessInput, (context, { taskToken, output }) =>
  callBack(context, taskToken, { type: 'TaskSucceeded', output: parsedOutput(output) }),
);

const FailureInput = z.strictObject({
  taskToken: TaskToken,
  error: z.string().max(256).optional(),
  cause: z.string().max(32_768).optional(),
});

const sendTaskFailure = operation(FailureInput, (context, { taskToken, error, cause }) =>
  callBack(context, taskToken, { type: 'TaskFailed', error, cause }),
);

const HeartbeatInput = z.strictObject({ taskToken: TaskToken });

const sendTaskHeartbeat = operation(HeartbeatInput, (context, { taskToken }) =>
  callBack(context, taskToken, { type: 'Heartbeat' }),
);

export const taskOperations: Readonly<Record<string, Operation>> = {
  SendTaskSuccess: sendTaskSuccess,
  SendTaskFailure: sendTaskFailure,
  SendTaskHeartbeat: sendTaskHeartbeat,
};
