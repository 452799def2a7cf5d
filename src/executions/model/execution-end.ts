/** How an execution ends, judged from what Step Functions says of it. Pure: it neither reads nor writes. */
import * as z from 'zod';
import { codeOfName } from '../../base/errors.ts';
import { type EndStatus, type Failure, isFinished, type StepRecord } from './execution.ts';

/** An execution as Step Functions describes it, or as its status-change event does. */
export interface ObservedEnd {
  readonly status: string;
  readonly output?: string | null | undefined;
  readonly error?: string | null | undefined;
  readonly cause?: string | null | undefined;
  /** To which redrive the end belongs; 0 before the first. */
  readonly redriveCount?: number | null | undefined;
}

export interface End {
  readonly status: EndStatus;
  readonly output?: unknown;
  readonly error?: Failure;
  /** With which somebody terminated it. */
  readonly reason?: string;
}

/** What is said to Step Functions of a stop, before the reason that was given. */
export const byRequest = { CANCELLED: 'Cancelled by request', TERMINATED: 'Terminated by request' } as const;

/** Native status to ours. `ABORTED` without a recorded cancel was stopped from outside: nothing is undone. */
const endStatuses: Record<string, EndStatus> = {
  SUCCEEDED: 'SUCCEEDED',
  FAILED: 'FAILED',
  TIMED_OUT: 'TIMED_OUT',
  ABORTED: 'TERMINATED',
};

export function endOf(observed: ObservedEnd, steps: readonly StepRecord[]): End | undefined {
  const status = endStatuses[observed.status];
  if (status === undefined) return undefined;
  if (status === 'SUCCEEDED') return { status, output: parsed(observed.output) };
  const error = failureOf(status, observed, steps);
  const reason = status === 'TERMINATED' ? reasonOf(observed) : undefined;
  return { status, error, ...(reason !== undefined && { reason }) };
}

/** The end may be told by Step Functions before whoever asked for it has written it. */
function reasonOf({ error, cause }: ObservedEnd): string | undefined {
  const said = `${byRequest.TERMINATED}: `;
  return error === 'execution.terminated' && cause?.startsWith(said) ? cause.slice(said.length) : undefined;
}

const parsed = (text: string | null | undefined): unknown => (text ? JSON.parse(text) : undefined);

function failureOf(status: EndStatus, observed: ObservedEnd, steps: readonly StepRecord[]): Failure {
  if (status === 'TERMINATED')
    return { code: 'execution.terminated', message: observed.cause || 'The execution was terminated' };
  if (status === 'TIMED_OUT')
    return { code: 'execution.timed-out', message: 'The execution ran longer than its timeoutSeconds' };
  const code = codeOfName(observed.error ?? 'States.TaskFailed');
  const failed = lastFailure(steps, code);
  const recorded = failed?.attempts.at(-1)?.error;
  return {
    code,
    message: recorded?.message ?? messageOf(observed.cause),
    ...stepOf(failed, observed.cause),
  };
}

function lastFailure(steps: readonly StepRecord[], code: string): StepRecord | undefined {
  return steps
    .filter((step) => isFinished(step) && step.attempts.at(-1)?.error?.code === code)
    .sort((a, b) => (a.finishedAt ?? '').localeCompare(b.finishedAt ?? ''))
    .at(-1);
}

function stepOf(failed: StepRecord | undefined, cause: string | null | undefined) {
  if (failed) return { step: failed.occurrence, service: failed.service };
  const named = /executing the state '([^']+)'/.exec(cause ?? '')?.[1];
  return named === undefined ? {} : { step: named };
}

const LambdaCause = z.object({ errorMessage: z.string() });

/** The cause of a failed Lambda task is JSON with the message and a stack; only the message is shown. */
function messageOf(cause: string | null | undefined): string {
  if (!cause) return 'The execution failed';
  try {
    return LambdaCause.parse(JSON.parse(cause)).errorMessage;
  } catch {
    return cause.slice(0, 1000);
  }
}
