/**
 * The second half of an approval: the decision is recorded once, and then sent to the state machine. Repeating
 * the same decision gives the same answer; another one is `approval.decided`.
 */
import { isoNow } from '../base/clock.ts';
import { OrchestratorError } from '../base/errors.ts';
import type { ExecutionContext } from './context.ts';
import { endOverdue } from './end-overdue.ts';
import { logAttempt } from './log-attempt.ts';
import { type Approval, type Attempt, isClosing, isWaiting, type StepRecord } from './model/execution.ts';
import { timeoutName } from './model/query-failure.ts';
import { timedOutBy } from './model/wait-deadline.ts';
import { requireExecution } from './require-execution.ts';
import { sendResult } from './send-result.ts';
import { callBack } from './step-callback.ts';
import type { StoredExecution } from './store/execution-store.ts';
import { tellWait } from './tell-wait.ts';

export interface Decision {
  readonly workflowId: string;
  /** The step with its iteration path. */
  readonly step: string;
  readonly approved: boolean;
  /** Who decides. */
  readonly by: string;
  readonly comment?: string | undefined;
}

export type Decided = NonNullable<Approval['decision']>;

/** Throws `execution.not-found`, `approval.not-found`, `approval.decided` or `approval.expired`. */
export async function decideApproval(context: ExecutionContext, decision: Decision): Promise<Decided> {
  const execution = await requireExecution(context, decision.workflowId);
  const step = await context.steps.get(decision.workflowId, decision.step);
  if (!step?.approval) throw notFound(decision.step);
  if (step.approval.decision)
    return same(context, { execution, step }, { decided: step.approval.decision, decision });
  if (isClosing(execution) || !isWaiting(step)) throw expired(step);
  if (timedOutBy(step, context.clock.now())) throw expired(await endOverdue(context, execution, step));
  return decide(context, { execution, step }, decision);
}

/** A decision whose callback was lost is sent again. */
async function same(
  context: ExecutionContext,
  { execution, step }: { execution: StoredExecution; step: StepRecord },
  { decided, decision }: { decided: Decided; decision: Decision },
): Promise<Decided> {
  if (decided.approved !== decision.approved) throw decidedOtherwise(decision.step, decided);
  const sent = await sendResult(context, execution, step);
  if (sent !== step) throw expired(sent);
  return decided;
}

async function decide(
  context: ExecutionContext,
  { execution, step }: { execution: StoredExecution; step: StepRecord },
  decision: Decision,
): Promise<Decided> {
  const decided = decidedNow(context, decision);
  const attempt = attemptOf(step, decided, decision.step);
  const finished: StepRecord = {
    ...step,
    status: decided.approved ? 'SUCCEEDED' : 'FAILED',
    approval: { ...step.approval, decision: decided },
    finishedAt: decided.at,
    ...(decided.approved && { output: decided }),
  };
  if (!(await context.steps.finishWaiting(finished, attempt))) return decideApproval(context, decision);
  logAttempt(context, {
    record: step,
    attempt: step.attempts.length + 1,
    status: finished.status,
    startedAt: attempt.startedAt,
    code: attempt.error?.code,
  });
  tellWait(context, execution, { step, attempt });
  const taken = await callBack(context, { ...finished, attempts: [...step.attempts, attempt] });
  if (!taken) await takeBack(context, { step, attempt });
  return decided;
}

const decidedNow = ({ clock }: ExecutionContext, { approved, by, comment }: Decision): Decided => ({
  approved,
  by,
  at: isoNow(clock),
  ...(comment !== undefined && { comment }),
});

function attemptOf(step: StepRecord, { approved, by, at, comment }: Decided, name: string): Attempt {
  const startedAt = step.runningSince ?? at;
  if (approved) return { startedAt, finishedAt: at };
  const message = `${name} was rejected by ${by}${comment === undefined ? '' : `: ${comment}`}`;
  return { startedAt, finishedAt: at, error: { code: 'approval.rejected', message } };
}

/** The state machine had stopped waiting: the decision has no effect, and the record says so. */
async function takeBack(
  context: ExecutionContext,
  { step, attempt }: { step: StepRecord; attempt: Attempt },
): Promise<never> {
  const { runningSince: _since, ...late } = step;
  const error = { code: 'approval.expired', message: 'The workflow had stopped waiting when it was decided' };
  const { finishedAt } = attempt;
  const attempts = [...step.attempts, { ...attempt, error }];
  await context.steps.takeBack({ ...late, status: 'FAILED', finishedAt, attempts });
  throw expired(step);
}

const notFound = (step: string): OrchestratorError =>
  new OrchestratorError(
    'approval.not-found',
    `${step} is no approval that was asked for; list_approvals shows them`,
  );

function expired({ occurrence, attempts }: StepRecord): OrchestratorError {
  const error = attempts.at(-1)?.error;
  const why = error?.code === timeoutName ? `: ${error.message}` : '';
  return new OrchestratorError(
    'approval.expired',
    `${occurrence} does not wait for a decision any more${why}`,
  );
}

const decidedOtherwise = (step: string, { approved, by, at }: Decided): OrchestratorError =>
  new OrchestratorError(
    'approval.decided',
    `${step} was ${approved ? 'approved' : 'rejected'} by ${by} at ${at}`,
  );
