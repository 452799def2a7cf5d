/** The one write of an attempt at its end, with what is counted and logged of it. */
import { isoNow } from '../base/clock.ts';
import type { Attempt, RunStepContext } from './attempt.ts';
import { endOfAttempt, failureOf } from './attempt-end.ts';
import { Overtaken } from './attempt-marks.ts';
import { logAttempt } from './log-attempt.ts';
import type { StepOutcome } from './step-result.ts';
import type { Refusal } from './wait-for-service.ts';

/** An outcome, and what follows from it for the next attempt. */
export type Followed = StepOutcome & Partial<Refusal>;

/** Throws `Overtaken` where another invocation has recorded the end. */
export async function recordAttempt(
  context: RunStepContext,
  attempt: Attempt,
  { output, resultRef, undo, error, notBefore, last }: Followed,
): Promise<void> {
  const finishedAt = isoNow(context.clock);
  const end = endOfAttempt(attempt, error, last);
  const failure = error && failureOf(error);
  const own = { startedAt: attempt.startedAt, finishedAt, ...(failure && { error: failure }) };
  count(context, attempt, { finishedAt, code: error?.code });
  const written = await context.steps.write({
    record: {
      ...attempt.record,
      ...end,
      ...(error ? {} : { output, resultRef }),
      undo,
      notBefore,
      ...(end.status === 'RUNNING' ? {} : { finishedAt }),
    },
    attempts: [...attempt.marks.unwritten(), ...(error?.code === 'step.interrupted' ? [] : [own])],
    expiresAtEpochSeconds: attempt.execution.recordsExpireAtEpochSeconds,
  });
  logAttempt(context, {
    record: attempt.record,
    workflow: attempt.execution.workflow,
    attempt: attempt.earlier.made + 1,
    status: end.status,
    startedAt: attempt.startedAt,
    code: error?.code,
  });
  if (!written) throw new Overtaken('Another invocation has the result of the step');
}

/** Before it is written: what is counted may be written meanwhile. */
function count(
  { workflowMeter }: RunStepContext,
  { task, startedAt, execution, earlier }: Attempt,
  { finishedAt, code }: { readonly finishedAt: string; readonly code: string | undefined },
): void {
  const ms = Date.parse(finishedAt) - Date.parse(startedAt);
  workflowMeter?.attempted(execution.workflow, { step: task.step, ms, code, repeats: earlier.made > 0 });
}
