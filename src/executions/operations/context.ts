/** What the operations of executions work with. */
import type { WorkflowOperationContext } from '../../workflows/context.ts';
import type { ExecutionContext } from '../context.ts';
import type { ExecutionData } from '../store/execution-data.ts';

export interface ExecutionOperationContext extends ExecutionContext, WorkflowOperationContext {
  readonly executionData: ExecutionData;
  readonly executionLists: ExecutionContext['executionLists'];
  /** The workflow that a start without a name means. */
  readonly defaultWorkflow: string | undefined;
}
