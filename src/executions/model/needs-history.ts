/** When the records of an execution do not tell how its steps are, so that its history has to be read. */

import type { WorkflowDefinition } from '../../workflows/definition/definition.ts';
import { walkSteps } from '../../workflows/definition/steps.ts';
import type { Failure } from './execution.ts';
import type { StepView } from './shown-step.ts';

/** A definition with choices or waits leaves no record of them: their history is needed. */
export const needsHistory = (definition: WorkflowDefinition): boolean =>
  [...walkSteps(definition)].some(({ kind }) => kind === 'choose' || kind === 'wait');

/**
 * Whether only the history can tell of a call that left no record whether it was made: its arguments may have failed.
 * Asked of an execution that has ended, and was viewed without its history.
 */
export function leavesQuestions(
  definition: WorkflowDefinition,
  views: readonly StepView[],
  error: Failure | undefined,
): boolean {
  const passedOver = passedOverIn(definition);
  const told = views.some(
    ({ id, path, status }) => status === 'FAILED' && (id === error?.step || path === error?.step),
  );
  const uncertain = views.some(
    ({ id, kind, status, attempts }) =>
      called.has(kind) &&
      attempts.length === 0 &&
      (status === 'FAILED' || status === 'CANCELLED' || (status === 'SKIPPED' && passedOver.has(id))),
  );
  return uncertain || (error?.code === 'States.QueryEvaluationError' && !told);
}

/** Steps for which run-step is called. */
const called: ReadonlySet<string> = new Set(['call', 'approval', 'workflow']);

/** The same of one that goes on: it seems to have left out a call that it goes on without when that fails. */
export function leftOut(definition: WorkflowDefinition, views: readonly StepView[]): boolean {
  const passedOver = passedOverIn(definition);
  const last = views.findLastIndex(({ status }) => status !== 'PENDING');
  return views
    .slice(0, Math.max(0, last))
    .some(({ id, status }) => status === 'PENDING' && passedOver.has(id));
}

const passedOverIn = (definition: WorkflowDefinition): ReadonlySet<string> =>
  new Set(
    [...walkSteps(definition)].flatMap(({ step }) =>
      'onFailure' in step && step.onFailure === 'continue' ? [step.id] : [],
    ),
  );
