/**
 * Task: schedule the call, wait for its answer, leave with the result. What is left to do follows from the
 * visit, so a task in flight when the process ended is called again with what it was scheduled with.
 */
import { randomUUID } from 'node:crypto';
import type { TaskState } from '../asl/program.ts';
import { largest } from '../asl/schema.ts';
import { evaluateInteger, evaluateTemplate, type Template } from '../jsonata/template.ts';
import { bindingsOf } from './bindings.ts';
import { calleeOf } from './callee.ts';
import type { EntryBody } from './entry.ts';
import type { Frame } from './frame.ts';
import { leaveState } from './leave-state.ts';
import { performCall } from './perform-call.ts';
import type { Run } from './run.ts';
import { dataLimitExceeded, isTooLarge } from './state-failure.ts';
import { newTaskToken } from './task-token.ts';

type Bindings = ReturnType<typeof bindingsOf>;

const positiveSeconds = (template: Template | undefined, bindings: Bindings): Promise<number> | undefined =>
  template && evaluateInteger(template, { min: 1, max: largest }, bindings);

/** What the history shows of a task's target; a plain `lambda:invoke` goes without saying. */
function resourceOf({ target }: TaskState): string | undefined {
  const pattern = target.pattern === 'request-response' ? '' : `.${target.pattern}`;
  if (target.service === 'states') return `states:startExecution${pattern}`;
  return pattern === '' ? undefined : `lambda:invoke${pattern}`;
}

async function schedule(run: Run, frame: Frame, state: TaskState): Promise<void> {
  const { target } = state;
  const place = { execution: run.execution.start.number, frame: frame.id };
  const token = target.pattern === 'waitForTaskToken' ? newTaskToken(place) : undefined;
  const bindings = bindingsOf(run.execution, frame, { taskToken: token });
  const args =
    state.arguments === undefined ? frame.visit?.input : await evaluateTemplate(state.arguments, bindings);
  const limits = {
    timeoutInSeconds: await positiveSeconds(state.timeoutSeconds, bindings),
    heartbeatInSeconds: await positiveSeconds(state.heartbeatSeconds, bindings),
  };
  if (isTooLarge(args)) throw dataLimitExceeded(state.name);
  if (target.service === 'function') {
    run.record(frame, { type: 'LambdaFunctionScheduled', functionName: target.arn, input: args, ...limits });
    return;
  }
  const scheduled: EntryBody = {
    type: 'TaskScheduled',
    parameters: args,
    ...limits,
    resource: resourceOf(state),
    token,
    childName: target.service === 'states' ? randomUUID() : undefined,
  };
  calleeOf(scheduled);
  run.record(frame, scheduled);
}

export async function runTask(run: Run, frame: Frame, state: TaskState): Promise<void> {
  const visit = frame.visit;
  if (visit === undefined) return;
  if (visit.result === undefined && visit.call === undefined) await schedule(run, frame, state);
  if (visit.call !== undefined) await performCall(run, frame, { state, call: visit.call });
  if (visit.result === undefined) return;
  const result = visit.result.value;
  await leaveState(run, frame, { exit: state, output: result, states: { result } });
}
