/** Writes down that a step waited for longer than it may, in the words of the definition. */
import type { ExecutionContext } from './context.ts';
import { logAttempt } from './log-attempt.ts';
import type { Execution, StepRecord } from './model/execution.ts';
import { tellWait } from './tell-wait.ts';

type Context = Pick<ExecutionContext, 'steps' | 'workflows' | 'log' | 'clock' | 'tracing' | 'hash'>;

/** Gives the step as it has ended. Safe to repeat: a step that has ended, or waits anew, stays as it is. */
export async function endOverdue(
  context: Context,
  execution: Execution,
  step: StepRecord,
): Promise<StepRecord> {
  const { steps, workflows } = context;
  const { workflow, version } = execution;
  const [found, { timedOutBeside }] = await Promise.all([
    workflows.version(workflow, version),
    import('./model/timed-out-step.ts'),
  ]);
  const { record, attempt } = timedOutBeside(found?.definition, step);
  if (await steps.timeOut(step, { record, attempt })) {
    logAttempt(context, {
      record: step,
      workflow,
      attempt: step.attempts.length + 1,
      status: record.status,
      startedAt: attempt.startedAt,
      code: attempt.error?.code,
    });
    tellWait(context, execution, { step, attempt });
  }
  return record;
}
