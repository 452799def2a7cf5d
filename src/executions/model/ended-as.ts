/** How an execution has ended without success, as whoever started it is told. */
import { type Execution, shownStatus } from './execution.ts';

type Ended = Pick<Execution, 'id' | 'workflow' | 'stored' | 'error' | 'reason'>;

export function endedAs({ id, workflow, stored, error, reason }: Ended): string {
  const at = error?.step === undefined ? '' : ` at step ${error.step}`;
  const why = error ? `: ${error.code}: ${error.message}` : reason === undefined ? '' : `: ${reason}`;
  return `${workflow} (workflowId ${id}) ended as ${shownStatus({ stored })}${at}${why}`;
}
