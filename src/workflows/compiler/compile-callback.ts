/**
 * An approval, or the run of another workflow, as a Task that waits for its callback: run-step records what is
 * waited for, and whoever decides, or the end of the other execution, sends the result.
 */
import type { ErrorCode } from '../../base/errors.ts';
import type { ApprovalStep, Json, WorkflowStep } from '../definition/definition.ts';
import { expressionsOf } from '../definition/expressions.ts';
import type { Retrier, State, TaskState } from './asl.ts';
import { deferredOf, emitArgument } from './compile-references.ts';
import { budgetOf, completionOf, namesOf, type Position, type Scope } from './compile-scope.ts';
import { catchersOf, pathOf, platformRetrier, withEnd } from './compile-task.ts';
import { emitTemplate } from './emit.ts';
import { inlineBytesOf } from './result-budgets.ts';

/** Beginning to wait is safe to repeat, so a fault of our own is tried again too. */
const beginningRetrier: Retrier = {
  ...platformRetrier,
  ErrorEquals: [...platformRetrier.ErrorEquals, 'internal.error' satisfies ErrorCode],
};

type CallbackStep = ApprovalStep | WorkflowStep;

/** What is waited for, under the name of its kind. */
function askedOf(step: CallbackStep): { [kind: string]: Json } {
  if ('workflow' in step) return { workflow: step.workflow };
  const { message, details } = step.approval;
  return {
    approval: {
      ...(message === undefined ? {} : { message }),
      ...(details === undefined ? {} : { details }),
    },
  };
}

/** From when the Task is scheduled, as its time-out is counted. */
const waitOf = ({ timeoutSeconds }: CallbackStep): { [name: string]: Json } =>
  timeoutSeconds === undefined ? {} : { timeoutSeconds, scheduledAt: '{% $now() %}' };

function payloadOf(step: CallbackStep, scope: Scope): Json {
  const names = namesOf(scope);
  const asked = askedOf(step);
  const template = emitTemplate(asked, emitArgument(names), '');
  return {
    executionId: '{% $states.context.Execution.Name %}',
    step: step.id,
    path: pathOf(scope),
    token: '{% $states.context.Task.Token %}',
    ...waitOf(step),
    ...Object(template),
    ...('workflow' in step ? inlineBytesOf(budgetOf(scope, step.id)) : {}),
    ...deferredOf(expressionsOf(asked, ''), names),
  };
}

export function compileCallback(step: CallbackStep, position: Position): Record<string, State> {
  const task: TaskState = {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
    Arguments: { FunctionName: position.scope.runStepFunction, Payload: payloadOf(step, position.scope) },
    ...(step.timeoutSeconds === undefined ? {} : { TimeoutSeconds: step.timeoutSeconds }),
    Retry: [beginningRetrier],
    ...catchersOf(step, position),
    ...completionOf(position, { id: step.id, source: '$states.result' }),
  };
  return withEnd(step, task, position);
}
