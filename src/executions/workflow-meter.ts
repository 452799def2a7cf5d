/** Where executions are counted for those who look at them later. Nothing here waits. */
import type { EndStatus } from './model/execution.ts';

export interface WorkflowMeter {
  started(workflow: string): void;
  /** After how many milliseconds it ended, since it was started or tried again. */
  ended(workflow: string, end: { readonly status: EndStatus; readonly ms: number }): void;
  /** An attempt of a step ended; `code` of its error. */
  attempted(workflow: string, attempt: MeteredAttempt): void;
}

export interface MeteredAttempt {
  readonly step: string;
  readonly ms: number;
  readonly code?: string | undefined;
  /** Whether an earlier attempt of the step failed. */
  readonly repeats: boolean;
}
