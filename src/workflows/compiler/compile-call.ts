/** A call as a Task on run-step: its payload (step-task.ts), deadlines, retries and what a failure does. */
import { transientCodes } from '../../base/errors.ts';
import type { PlacedExpression } from '../../expressions/model/template.ts';
import type { Call, CallStep, Json } from '../definition/definition.ts';
import { expressionsOf, sourceOf } from '../definition/expressions.ts';
import type { Retrier, State, TaskState } from './asl.ts';
import { deferredOf, emitArgument, undoValues } from './compile-references.ts';
import { budgetOf, completionOf, namesOf, type Position, type Scope } from './compile-scope.ts';
import { catchersOf, pathOf, platformRetrier, withEnd } from './compile-task.ts';
import { emitTemplate, emitText } from './emit.ts';
import { inlineBytesOf } from './result-budgets.ts';

/** How much longer Step Functions waits than run-step does, so that run-step reports its own time-out. */
const DEADLINE_MARGIN_SECONDS = 5;
/** Of a step that is tried again: what Lambda's 15 minutes leave room for, a wait for its service included. */
const LONGEST_TASK_SECONDS = 890;

/** The transient codes that a step can end with. */
const stepCodes = transientCodes.filter((code) => code.startsWith('service.') || code === 'internal.error');

function retriersOf({ retry }: CallStep): Retrier[] {
  if (retry === undefined || retry.maxAttempts === 1) return [platformRetrier];
  const retrier: Retrier = {
    ErrorEquals: [...stepCodes, 'States.Timeout'],
    IntervalSeconds: retry.intervalSeconds,
    MaxAttempts: retry.maxAttempts - 1,
    BackoffRate: retry.backoffRate,
    ...(retry.maxDelaySeconds === undefined ? {} : { MaxDelaySeconds: retry.maxDelaySeconds }),
    JitterStrategy: 'FULL',
  };
  return [platformRetrier, retrier];
}

const isTriedAgain = ({ retry }: CallStep): boolean => retry !== undefined && retry.maxAttempts > 1;

const deadlineOf = (step: CallStep): number =>
  isTriedAgain(step) ? LONGEST_TASK_SECONDS : step.timeoutSeconds + DEADLINE_MARGIN_SECONDS;

/** Of a payload: how long an attempt may wait for its service before it begins. */
function waitingOf(step: CallStep, workflowSeconds: number): { waiting?: Json } {
  if (!isTriedAgain(step)) return {};
  const atMostSeconds = LONGEST_TASK_SECONDS - DEADLINE_MARGIN_SECONDS - step.timeoutSeconds;
  return { waiting: { atMostSeconds, workflowSeconds } };
}

function callTemplate(call: Call, scope: Scope): Json {
  const emit = emitArgument(namesOf(scope));
  if ('tool' in call) {
    const { service, tool } = call;
    return { service, tool: emitText(tool), arguments: emitTemplate(call.arguments, emit, 'arguments') };
  }
  const { path, method, ...parts } = call.request;
  const given = Object.entries({ path, ...parts }).flatMap(([key, part]) =>
    part === undefined ? [] : [[key, emitTemplate(part, emit, `request.${key}`)] as const],
  );
  return { service: call.service, request: { method, ...Object.fromEntries(given) } };
}

/** Every expression of a call, at its path in the payload's call. */
const expressionsIn = (call: Call): PlacedExpression[] =>
  'tool' in call ? expressionsOf(call.arguments, 'arguments') : expressionsOf(call.request, 'request');

function undoTemplate({ id, compensate }: CallStep, scope: Scope): { compensate?: Json } {
  if (compensate === undefined) return {};
  const values = undoValues(expressionsOf(compensate.arguments, ''), id, namesOf(scope));
  return { compensate: { call: JSON.stringify(compensate), values } };
}

function payloadOf(step: CallStep, scope: Scope): Json {
  return {
    executionId: '{% $states.context.Execution.Name %}',
    step: step.id,
    path: pathOf(scope),
    attempt: '{% $states.context.State.RetryCount %}',
    maxAttempts: step.retry?.maxAttempts ?? 1,
    ...((step.retry?.maxAttempts ?? 1) > 1 && { retriesLost: true }),
    call: callTemplate(step.call, scope),
    timeoutSeconds: step.timeoutSeconds,
    ...waitingOf(step, scope.timeoutSeconds),
    ...inlineBytesOf(budgetOf(scope, step.id)),
    ...deferredOf(expressionsIn(step.call), namesOf(scope)),
    ...(step.select === undefined ? {} : { select: emitText(sourceOf(step.select)) }),
    ...undoTemplate(step, scope),
  };
}

/** The states of a call: its Task, and where its scope may end on its Catch, the state that ends it then. */
export function compileCall(step: CallStep, position: Position): Record<string, State> {
  const task: TaskState = {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Arguments: { FunctionName: position.scope.runStepFunction, Payload: payloadOf(step, position.scope) },
    TimeoutSeconds: deadlineOf(step),
    Retry: retriersOf(step),
    ...catchersOf(step, position),
    ...completionOf(position, { id: step.id, source: '$states.result.Payload' }),
  };
  return withEnd(step, task, position);
}
