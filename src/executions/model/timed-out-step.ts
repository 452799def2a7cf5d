/** What is told of a step that waited, or was called, for longer than it may. */
import { type Step, WorkflowDefinition } from '../../workflows/definition/definition.ts';
import { type WalkedStep, walkSteps } from '../../workflows/definition/steps.ts';
import type { Attempt, Execution, StepRecord } from './execution.ts';
import { timeoutName } from './query-failure.ts';
import { timedOutBy, waitsJudgedAt } from './wait-deadline.ts';

export interface TimedOut {
  readonly record: StepRecord;
  /** The last of its attempts. */
  readonly attempt: Attempt;
}

/** The records with those ended whose wait is over, though nobody has written that down yet. */
export function withWaitsJudged(
  definition: WorkflowDefinition,
  { execution, records }: { readonly execution: Execution; readonly records: readonly StepRecord[] },
  now: number,
): StepRecord[] {
  const at = waitsJudgedAt(execution, now);
  return records.map((record) => (timedOutBy(record, at) ? timedOutStep(definition, record).record : record));
}

/** The step as it ended at its deadline; of a definition that is not there, or cannot be read, nothing is told. */
export const timedOutBeside = (definition: unknown, step: StepRecord): TimedOut =>
  timedOutStep(WorkflowDefinition.safeParse(definition).data, step);

function timedOutStep(definition: WorkflowDefinition | undefined, step: StepRecord): TimedOut {
  const { runningSince, token: _token, deadline: finishedAt = '', ...rest } = step;
  const walked = definition && [...walkSteps(definition)].find(({ id }) => id === step.step);
  const message = walked ? timeoutMessage(walked, step.child) : 'nothing came in time';
  const error = { code: timeoutName, message };
  const attempt = { startedAt: runningSince ?? finishedAt, finishedAt, error };
  return {
    record: { ...rest, status: 'FAILED', finishedAt, attempts: [...step.attempts, attempt] },
    attempt,
  };
}

export const timeoutMessage = ({ path, step }: WalkedStep, child: string | undefined): string =>
  `${path}: ${timeoutText(step, child)}`;

function timeoutText(step: Step, child: string | undefined): string {
  const seconds = 'timeoutSeconds' in step ? step.timeoutSeconds : undefined;
  const within = seconds === undefined ? 'in time' : `within ${seconds} s, its timeoutSeconds`;
  if ('approval' in step) return `nobody decided ${within}`;
  if ('workflow' in step) {
    const of = child === undefined ? '' : ` (workflowId ${child})`;
    return `${step.workflow.name}${of} did not end ${within}, and is cancelled unless it ended since`;
  }
  return `no answer came ${within}`;
}
