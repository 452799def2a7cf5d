/** Goes on with an ended execution from the task that failed. */
import * as z from 'zod';
import { defineOperation } from '../../operation/operation.ts';
import { executionToStarted, StartedExecution, WorkflowId } from '../execution-shapes.ts';
import { retryExecution } from '../retry-execution.ts';
import type { ExecutionOperationContext } from './context.ts';

export const retryWorkflow = defineOperation({
  id: 'retry_workflow',
  summary: 'Go on with an ended execution from the task that failed, within 14 days; finished steps are kept',
  input: z.strictObject({ workflowId: WorkflowId }),
  output: StartedExecution,
  errors: [
    'execution.not-found',
    'execution.open',
    'execution.data-deleted',
    'execution.not-retryable',
    'workflow.compensated',
  ],
  access: 'operator',
  http: { method: 'POST', path: '/v1/executions/{workflowId}/retry', status: 202 },
  hints: { readOnly: false, destructive: false, idempotent: true, openWorld: true },
  async run(context: ExecutionOperationContext, { workflowId }) {
    return executionToStarted(await retryExecution(context, workflowId), context.clock.now());
  },
});
