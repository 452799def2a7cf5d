/**
 * Whether an execution may be redriven, and its redrive. (AWS: RedriveExecution; the last 14 days, 1,000
 * redrives, 24,999 events; a repeated client token within 15 minutes is the same redrive.)
 */
import type { Execution } from '../running/execution.ts';
import { ApiError } from './api-error.ts';
import { epochSeconds } from './epoch-seconds.ts';
import type { OperationContext } from './operation.ts';

const redrivablePeriod = 14 * 24 * 3_600_000;
const mostRedrives = 1_000;
const mostEvents = 24_999;
const tokenPeriod = 15 * 60_000;

function refusal(execution: Execution): string | undefined {
  const { status, stopDate = 0, redriveCount, eventCount, left } = execution;
  if (status === 'RUNNING') return 'Execution is RUNNING and cannot be redriven';
  if (status === 'SUCCEEDED') return 'Execution is SUCCEEDED and cannot be redriven';
  if (Date.now() - stopDate > redrivablePeriod)
    return 'Execution has exceeded its redrivable period of 14 days';
  if (redriveCount >= mostRedrives) return `Execution has been redriven ${mostRedrives} times`;
  if (left === undefined) return 'Execution history is no longer kept by the local engine';
  return eventCount > mostEvents ? `Execution history has more than ${mostEvents} events` : undefined;
}

/** What DescribeExecution tells of it. */
export function redriveStateOf(execution: Execution): object {
  const reason = refusal(execution);
  return {
    redriveCount: execution.redriveCount,
    ...(execution.redriven && { redriveDate: epochSeconds(execution.redriven.at) }),
    redriveStatus: reason === undefined ? 'REDRIVABLE' : 'NOT_REDRIVABLE',
    ...(reason !== undefined && { redriveStatusReason: reason }),
  };
}

function isRepeated({ redriven }: Execution, clientToken: string | undefined): boolean {
  if (redriven === undefined || clientToken === undefined) return false;
  return redriven.clientToken === clientToken && Date.now() - redriven.at < tokenPeriod;
}

/** Redrives, and gives the moment in epoch milliseconds. Throws `ApiError` `ExecutionNotRedrivable`. */
export function redriveOf(
  { executions }: OperationContext,
  execution: Execution,
  clientToken: string | undefined,
): number {
  if (isRepeated(execution, clientToken) && execution.redriven) return execution.redriven.at;
  const reason = refusal(execution);
  if (reason !== undefined) throw new ApiError('ExecutionNotRedrivable', reason);
  executions.redrive(execution, clientToken);
  return execution.redriven?.at ?? Date.now();
}
