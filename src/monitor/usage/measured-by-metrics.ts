/** What the metrics of the stage have of each call and of each execution that ended. */
import type { EndStatus } from '../../executions/model/execution.ts';
import type { MetricValues } from '../metrics/metric-values.ts';
import type { Ended } from './model/usage.ts';

type Metrics = Pick<MetricValues, 'add'> | undefined;

/** A call that was cut short because its execution ended is no error, and says nothing of time. */
export function measureCall(
  metrics: Metrics,
  service: string,
  { ms, error, cancelled, repeats }: Ended,
): void {
  const subject = { of: 'target', name: service } as const;
  metrics?.add('CallErrors', error === undefined || cancelled === true ? 0 : 1, subject);
  if (cancelled !== true) metrics?.add('CallTime', Math.max(0, ms), subject);
  if (repeats === true) metrics?.add('CallRetries', 1, subject);
}

const failures: readonly EndStatus[] = ['FAILED', 'TIMED_OUT'];

/** One that somebody cancelled or terminated did not fail, and says nothing of time. */
export function measureEnd(
  metrics: Metrics,
  workflow: string,
  { status, ms }: { readonly status: EndStatus; readonly ms: number },
): void {
  const subject = { of: 'workflow', name: workflow } as const;
  metrics?.add('ExecutionErrors', failures.includes(status) ? 1 : 0, subject);
  if (status === 'SUCCEEDED' || failures.includes(status))
    metrics?.add('ExecutionTime', Math.max(0, ms), subject);
}
