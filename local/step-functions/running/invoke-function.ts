/**
 * Calls the function of a task. With a token, its answer only says that it has taken the task, and the result
 * comes by callback. A function call ends with the process: it is made anew after a crash, and its time
 * begins again, while a callback that was waited for goes on being waited for.
 */
import * as z from 'zod';
import { parseInput } from '../../../src/base/parse-input.ts';
import type { TaskState } from '../asl/program.ts';
import type { Call, Callee, Failure, Frame } from './frame.ts';
import type { FunctionResult, Run } from './run.ts';
import { dataLimitExceeded, isTooLarge } from './state-failure.ts';
import { type Outcome, waitForOutcome } from './wait-for-outcome.ts';

interface Invocation {
  readonly state: TaskState;
  readonly call: Call;
  readonly callee: Extract<Callee, { functionName: string }>;
}

export async function performInvocation(run: Run, frame: Frame, invocation: Invocation): Promise<Outcome> {
  const { call } = invocation;
  const from = call.token === undefined ? Date.now() : call.scheduledAt;
  const controller = new AbortController();
  const outcome = await waitForOutcome(run, frame, { call, from }, (settle) => {
    if (call.submitted) return () => undefined;
    return invoke(run, { ...invocation, signal: controller.signal }, (answer) => {
      if (call.token === undefined || !('value' in answer)) settle(answer);
      else submit(run, frame, invocation, answer.value);
    });
  });
  if (outcome === 'timed out' || outcome === 'heartbeat missed')
    controller.abort(new DOMException('The task timed out', 'TimeoutError'));
  return outcome;
}

type Answer = Exclude<Outcome, string>;
type Told = (answer: Answer) => void;

/** Returns how to stop listening: a function that nobody waits for any more goes on running, as on AWS. */
function invoke(
  run: Run,
  { state, callee, signal }: Invocation & { signal: AbortSignal },
  told: Told,
): () => void {
  let listening = true;
  const tell = (answer: Answer): void => {
    if (listening) told(answer);
  };
  run.services.invokeFunction({ ...callee, signal }).then(
    (result) => tell(answerOf(state, result)),
    (error: unknown) => tell(missing(error)),
  );
  return () => {
    listening = false;
  };
}

function submit(run: Run, frame: Frame, { call }: Invocation, output: unknown): void {
  if (frame.visit?.call !== call || frame.cancelled) return;
  run.record(frame, { type: 'TaskSubmitted', output, resource: call.resource });
}

const missing = (error: unknown): Failure => ({
  error: 'Lambda.ResourceNotFoundException',
  cause: error instanceof Error ? error.message : String(error),
});

const FunctionError = z.object({ errorType: z.string().min(1) });

function functionFailure(payload: unknown): Failure {
  const parsed = parseInput(FunctionError, payload);
  return { error: parsed.data?.errorType ?? 'Lambda.Unknown', cause: JSON.stringify(payload) };
}

/** The failure an answer stands for, or the result that the state sees. */
function answerOf({ target }: TaskState, { payload, functionError }: FunctionResult): Answer {
  if (functionError !== undefined) return functionFailure(payload);
  const plain = payload === undefined ? null : payload;
  const bare = target.service === 'function';
  const value = bare ? plain : { ExecutedVersion: '$LATEST', Payload: plain, StatusCode: 200 };
  if (!isTooLarge(value)) return { value };
  const { error, cause } = dataLimitExceeded(bare ? target.arn : 'lambda');
  return { error, cause };
}
