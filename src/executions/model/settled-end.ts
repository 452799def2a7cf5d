/** How a step ends that gets no further attempt, and when nobody knows whether it had its effect. */
import { EndStatus, type Execution, type Failure, type StepRecord } from './execution.ts';

/** After these failures nobody knows whether the service did what it was asked, unless they say. */
const effectUnknown: readonly string[] = [
  'service.connection-lost',
  'service.timeout',
  'service.bad-response',
  'step.result-too-large',
  'execution.cancelled',
];

export const leavesDoubt = ({ code, effect }: Pick<Failure, 'code' | 'effect'>): boolean =>
  effect === undefined ? effectUnknown.includes(code) : effect === 'unknown';

/** Whether a step that failed is in doubt, for which one attempt is enough that may have had its effect. */
export const isInDoubt = (failures: readonly (Pick<Failure, 'code' | 'effect'> | undefined)[]): boolean =>
  failures.some((failure) => failure && leavesDoubt(failure));

type Mark = Pick<StepRecord, 'runningSince' | 'effect' | 'approval' | 'child'>;

/** Whether a call began that may have had its effect, and of which no end is recorded. */
export const isInterrupted = ({ runningSince, effect, approval, child }: Mark): boolean =>
  runningSince !== undefined && effect !== 'none' && approval === undefined && child === undefined;

/** A step of an execution that ends, and what is recorded of it. */
interface Settling {
  readonly step: string;
  readonly occurrence: string;
  readonly record: (Pick<StepRecord, 'attempts'> & Mark) | undefined;
}

/** An execution that is closing or closed. */
type Ending = Pick<Execution, 'stored' | 'ending' | 'error'>;

/** How a step ends that will get no further attempt, judged by those that it had. */
export function settledEnd(
  execution: Ending,
  { record, ...place }: Settling,
): Pick<StepRecord, 'status' | 'error'> {
  if (record && (isInterrupted(record) || isInDoubt(record.attempts.map(({ error }) => error))))
    return { status: 'IN_DOUBT' };
  return cutShort(execution, place);
}

/**
 * How a step ends for which nothing was under way when its execution ended: it has failed with the deadline of the
 * workflow, or by itself; what ended because of others was cancelled.
 */
export function cutShort(
  { stored, ending = EndStatus.safeParse(stored).data, error }: Ending,
  { step, occurrence }: Pick<Settling, 'step' | 'occurrence'>,
): Pick<StepRecord, 'status' | 'error'> {
  if (ending === 'TIMED_OUT')
    return { status: 'FAILED', ...(error && { error: { code: error.code, message: error.message } }) };
  const elsewhere = error?.step !== undefined && error.step !== occurrence && error.step !== step;
  if (ending === 'SUCCEEDED' || (ending === 'FAILED' && !elsewhere)) return { status: 'FAILED' };
  return { status: 'CANCELLED' };
}
