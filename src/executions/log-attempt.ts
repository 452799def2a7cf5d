/** The one line that the log has of an attempt of a step: of a call, an approval, or a run of another workflow. */
import type { ExecutionContext } from './context.ts';
import type { StepRecord, StepStatus } from './model/execution.ts';

interface Made {
  readonly record: Pick<StepRecord, 'executionId' | 'occurrence' | 'service' | 'instance' | 'child'>;
  readonly workflow?: string | undefined;
  /** 1 for the first. */
  readonly attempt: number;
  readonly status: StepStatus;
  readonly startedAt: string;
  readonly code?: string | undefined;
}

export function logAttempt({ log, clock }: Pick<ExecutionContext, 'log' | 'clock'>, made: Made): void {
  const { record, startedAt, ...outcome } = made;
  const { executionId: workflowId, occurrence: step, service, instance, child } = record;
  const durationMs = Math.max(0, clock.now() - Date.parse(startedAt));
  const level = made.code === undefined ? 'info' : 'warn';
  log[level]('step attempt', { workflowId, step, service, instance, child, durationMs, ...outcome });
}
