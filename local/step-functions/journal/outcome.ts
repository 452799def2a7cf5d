/** What is kept of a closed execution without its history: a record, and the execution that it stands for. */
import { Execution } from '../running/execution.ts';
import type { ClosedRecord } from './record.ts';

export function outcomeOf(execution: Execution): ClosedRecord {
  const { start, status, stopDate = 0, outputText, error, cause, redriveCount, redriven } = execution;
  if (status === 'RUNNING') throw new Error(`${start.arn} is open`);
  const redrives = redriven && { redriveCount, redriveDate: redriven.at };
  return { kind: 'closed', ...start, status, stopDate, outputText, error, cause, ...redrives };
}

export function executionOf(record: ClosedRecord): Execution {
  const { kind, status, stopDate, outputText, error, cause, redriveCount, redriveDate, ...start } = record;
  const execution = new Execution(start);
  execution.redriveCount = redriveCount ?? 0;
  execution.redriven = redriveDate === undefined ? undefined : { at: redriveDate, clientToken: undefined };
  execution.status = status;
  execution.stopDate = stopDate;
  execution.outputText = outputText;
  execution.error = error;
  execution.cause = cause;
  execution.forgetHistory();
  return execution;
}
