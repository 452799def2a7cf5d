/** What the operations of executions work with. */
import type { WorkflowOperationContext } from '../../workflows/context.ts';
import type { ExecutionContext } from '../context.ts';

export interface ExecutionOperationContext extends ExecutionContext, WorkflowOperationContext {
  readonly executionLists: ExecutionContext['executionLists'];
  /** The workflow that a start without a name means. */
  readonly defaultWorkflow: string | undefined;
}
