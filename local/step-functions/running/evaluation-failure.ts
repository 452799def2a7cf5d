/** An expression of a state that could not be evaluated, told as AWS tells it: an event, and the failure. */
import type { EvaluationFault } from '../jsonata/template.ts';
import type { Failure, Frame, Visit } from './frame.ts';
import type { Run } from './run.ts';

export function recordEvaluationFailure(
  run: Run,
  frame: Frame,
  visit: Visit,
  fault: EvaluationFault,
): Failure {
  const error = 'States.QueryEvaluationError';
  const where = `(entered at the event id #${visit.enteredEventId})`;
  const cause = `An error occurred while executing the state '${visit.state}' ${where}. ${fault.message}`;
  const first = frame.lastEventId === visit.enteredEventId && !fault.byState;
  const after = first ? visit.enteredAfter : undefined;
  run.record(frame, {
    type: 'EvaluationFailed',
    error,
    cause,
    location: fault.location,
    name: visit.state,
    after,
  });
  return { error, cause };
}
