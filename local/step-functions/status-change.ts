/** What EventBridge tells of an execution ("Step Functions Execution Status Change", the detail of the event). */
import type { Execution, ExecutionStatus } from './running/execution.ts';

export interface StatusChange {
  executionArn: string;
  stateMachineArn: string;
  name: string;
  status: ExecutionStatus;
  /** Epoch milliseconds, as in the event of EventBridge. */
  startDate: number;
  stopDate: number | null;
  /** JSON texts. */
  input: string;
  output: string | null;
  error?: string | null;
  cause?: string | null;
  redriveCount: number;
  /** Epoch milliseconds. */
  redriveDate: number | null;
}

export function statusChangeOf(execution: Execution): StatusChange {
  const { start } = execution;
  return {
    executionArn: start.arn,
    stateMachineArn: start.machineArn,
    name: start.name,
    status: execution.status,
    startDate: start.startDate,
    stopDate: execution.stopDate ?? null,
    input: start.inputText,
    output: execution.outputText ?? null,
    error: execution.error ?? null,
    cause: execution.cause ?? null,
    redriveCount: execution.redriveCount,
    redriveDate: execution.redriven?.at ?? null,
  };
}
