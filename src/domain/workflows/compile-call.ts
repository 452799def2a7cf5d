/** A call as a Task on run-step: its payload (step-task.ts), deadlines, retries and what a failure does. */
import { transientCodes } from '../errors.ts';
import type { Catcher, Retrier, State } from './asl.ts';
import {
  completionOf,
  endStateOf,
  itemsOf,
  type Position,
  type Scope,
  scopeOutput,
  statesInput,
} from './compile-scope.ts';
import type { Call, CallStep, Compensation, Json } from './definition.ts';
import { emitObject, emitTemplate, emitText } from './emit.ts';
import { analyseExpression, expressionsOf, rewriteExpression, sourceOf } from './expressions.ts';
import { functionNames } from './reserved-names.ts';

/** How much longer Step Functions waits than run-step does, so that run-step reports its own time-out. */
const DEADLINE_MARGIN_SECONDS = 5;

/** Faults of the Lambda platform itself. Source: AWS, "Handle transient Lambda service exceptions". */
const platformRetrier: Retrier = {
  ErrorEquals: [
    'Lambda.ServiceException',
    'Lambda.AWSLambdaException',
    'Lambda.SdkClientException',
    'Lambda.TooManyRequestsException',
    'Lambda.Unknown',
    'Runtime.ExitError',
    'Sandbox.Timedout',
  ],
  IntervalSeconds: 1,
  MaxAttempts: 3,
  BackoffRate: 2,
  JitterStrategy: 'FULL',
};

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

/** A failure that the workflow outlives leads where success leads, without the variable of the step. */
function catchersOf({ id, onFailure }: CallStep, { next }: Position): { Catch?: Catcher[] } {
  if (onFailure === 'fail') return {};
  return { Catch: [{ ErrorEquals: ['States.ALL'], Output: statesInput, Next: next ?? endStateOf(id) }] };
}

function callTemplate(call: Call, scope: Scope): Json {
  const substitute = itemsOf(scope);
  if ('tool' in call) {
    const { service, tool } = call;
    return { service, tool: emitText(tool), arguments: emitTemplate(call.arguments, substitute) };
  }
  const { path, method, ...parts } = call.request;
  const given = Object.entries(parts).flatMap(([key, part]) =>
    part === undefined ? [] : [[key, part] as const],
  );
  const request = Object.fromEntries(given.map(([key, part]) => [key, emitTemplate(part, substitute)]));
  return { service: call.service, request: { method, path: emitTemplate(path, substitute), ...request } };
}

/** Every variable that the undo names, except the step's own result, which run-step adds. */
function namesIn(compensate: Compensation, own: string): string[] {
  const references = expressionsOf(compensate.arguments, '').flatMap(({ source }) => {
    const analysis = analyseExpression(source);
    return analysis.ok ? analysis.references.map(({ name }) => name) : [];
  });
  return [...new Set(references)].filter((name) => name !== own && !functionNames.has(name));
}

function undoTemplate({ id, compensate }: CallStep, scope: Scope): { compensate?: Json } {
  if (compensate === undefined) return {};
  const values = namesIn(compensate, id).map(
    (name) => [name, rewriteExpression(`$${name}`, itemsOf(scope))] as const,
  );
  return { compensate: { call: JSON.stringify(compensate), values: emitObject(values) } };
}

function payloadOf(step: CallStep, scope: Scope): Json {
  return {
    executionId: '{% $states.context.Execution.Name %}',
    step: step.id,
    path: scope.items.length === 0 ? emitText('') : '{% $states.input.path %}',
    attempt: '{% $states.context.State.RetryCount %}',
    maxAttempts: step.retry?.maxAttempts ?? 1,
    call: callTemplate(step.call, scope),
    timeoutSeconds: step.timeoutSeconds,
    ...(step.select === undefined ? {} : { select: emitText(sourceOf(step.select)) }),
    ...undoTemplate(step, scope),
  };
}

/** The states of a call: its Task, and where its scope may end on its Catch, the state that ends it then. */
export function compileCall(step: CallStep, position: Position): Record<string, State> {
  const task: State = {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Arguments: { FunctionName: position.scope.runStepFunction, Payload: payloadOf(step, position.scope) },
    TimeoutSeconds: step.timeoutSeconds + DEADLINE_MARGIN_SECONDS,
    Retry: retriersOf(step),
    ...catchersOf(step, position),
    ...completionOf(position, { id: step.id, source: '$states.result.Payload' }),
  };
  if (step.onFailure === 'fail' || position.next !== undefined) return { [step.id]: task };
  return { [step.id]: task, [endStateOf(step.id)]: { Type: 'Succeed', Output: scopeOutput(position) } };
}
