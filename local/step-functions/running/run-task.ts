/**
 * Task: schedule the call, wait for its answer or its time-out, leave with the result. The call is made only
 * once everything before it is in the journal, so nothing that a function was told can be forgotten.
 */
import * as z from 'zod';
import type { TaskState } from '../asl/program.ts';
import { evaluateTemplate, type Template, unexpectedType } from '../jsonata/template.ts';
import { bindingsOf } from './bindings.ts';
import type { Call, Failure, Frame } from './frame.ts';
import { invokeTarget } from './invoke-target.ts';
import { leaveState } from './leave-state.ts';
import { type FunctionResult, type Run, suspend } from './run.ts';
import { dataLimitExceeded, isTooLarge, Stopped } from './state-failure.ts';

type Outcome = { readonly result: FunctionResult } | { readonly missing: string } | 'timed out';

async function positiveSeconds(template: Template | undefined, bindings: ReturnType<typeof bindingsOf>) {
  if (template === undefined) return undefined;
  const value = await evaluateTemplate(template, bindings);
  if (typeof value !== 'number' || !(value > 0)) throw unexpectedType(template, 'number', value);
  return value;
}

async function schedule(run: Run, frame: Frame, state: TaskState): Promise<void> {
  const bindings = bindingsOf(run.execution, frame);
  const args =
    state.arguments === undefined ? frame.visit?.input : await evaluateTemplate(state.arguments, bindings);
  const limits = {
    timeoutInSeconds: await positiveSeconds(state.timeoutSeconds, bindings),
    heartbeatInSeconds: await positiveSeconds(state.heartbeatSeconds, bindings),
  };
  if (isTooLarge(args)) throw dataLimitExceeded(state.name);
  if (state.functionArn === undefined) {
    invokeTarget(args);
    run.record(frame, { type: 'TaskScheduled', parameters: args, ...limits });
  } else {
    run.record(frame, {
      type: 'LambdaFunctionScheduled',
      functionName: state.functionArn,
      input: args,
      ...limits,
    });
  }
}

const eventKind = (state: TaskState) => (state.functionArn === undefined ? 'Task' : 'LambdaFunction');

async function perform(
  run: Run,
  frame: Frame,
  call: Call,
  kind: ReturnType<typeof eventKind>,
): Promise<Outcome> {
  const { timers, invokeFunction } = run.services;
  if (!call.started) run.record(frame, { type: `${kind}Started` });
  await run.services.written().catch(() => {
    throw new Stopped();
  });
  return suspend<Outcome>(frame, (settle) => {
    const controller = new AbortController();
    const timeOut = (): void => {
      settle('timed out');
      controller.abort(new DOMException('The task timed out', 'TimeoutError'));
    };
    const { functionName, payload, timeoutSeconds } = call;
    const cancel =
      timeoutSeconds === undefined ? undefined : timers.at(Date.now() + timeoutSeconds * 1000, timeOut);
    invokeFunction({ functionName, payload, signal: controller.signal }).then(
      (result) => settle({ result }),
      (error: unknown) => settle({ missing: error instanceof Error ? error.message : String(error) }),
    );
    return () => cancel?.();
  });
}

const FunctionError = z.object({ errorType: z.string().min(1) });

function functionFailure(payload: unknown): Failure {
  const parsed = FunctionError.safeParse(payload);
  return { error: parsed.data?.errorType ?? 'Lambda.Unknown', cause: JSON.stringify(payload) };
}

/** The failure an outcome stands for, or the result that the state sees. */
function judge(state: TaskState, outcome: Exclude<Outcome, 'timed out'>): Failure | { value: unknown } {
  if ('missing' in outcome) return { error: 'Lambda.ResourceNotFoundException', cause: outcome.missing };
  const { payload, functionError } = outcome.result;
  if (functionError !== undefined) return functionFailure(payload);
  const plain = payload === undefined ? null : payload;
  const value =
    state.functionArn === undefined ? { ExecutedVersion: '$LATEST', Payload: plain, StatusCode: 200 } : plain;
  if (!isTooLarge(value)) return { value };
  const { error, cause } = dataLimitExceeded(state.functionArn ?? 'lambda');
  return { error, cause };
}

function recordOutcome(run: Run, frame: Frame, state: TaskState, outcome: Outcome): void {
  const kind = eventKind(state);
  if (outcome === 'timed out') {
    run.record(frame, { type: `${kind}TimedOut`, error: 'States.Timeout' });
    return;
  }
  const judged = judge(state, outcome);
  if ('value' in judged) run.record(frame, { type: `${kind}Succeeded`, output: judged.value });
  else run.record(frame, { type: `${kind}Failed`, ...judged });
}

/** One round: what is left to do follows from the visit, so a task in flight when the process ended is called again. */
export async function runTask(run: Run, frame: Frame, state: TaskState): Promise<void> {
  const visit = frame.visit;
  if (visit === undefined) return;
  if (visit.result === undefined) {
    if (visit.call === undefined) await schedule(run, frame, state);
    if (visit.call !== undefined) {
      const outcome = await perform(run, frame, visit.call, eventKind(state));
      recordOutcome(run, frame, state, outcome);
    }
  }
  if (visit.result === undefined) return;
  const result = visit.result.value;
  await leaveState(run, frame, { exit: state, output: result, states: { result } });
}
