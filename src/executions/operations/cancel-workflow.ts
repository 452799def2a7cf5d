import { defineOperation } from '../../operation/operation.ts';
import { cancelExecution } from '../cancel-execution.ts';
import { EndInput, EndOutput, plannedEnd } from '../end-request.ts';
import { executionToStarted } from '../execution-shapes.ts';
import type { ExecutionOperationContext } from './context.ts';

export const cancelWorkflow = defineOperation({
  id: 'cancel_workflow',
  summary: 'Cancel an execution: calls under way are aborted, finished steps with compensate are undone',
  input: EndInput,
  output: EndOutput,
  errors: ['execution.not-found', 'execution.closed'],
  access: 'operator',
  http: { method: 'POST', path: '/v1/executions/{workflowId}/cancel', status: 202 },
  hints: { readOnly: false, destructive: true, idempotent: true, openWorld: true },
  async run(context: ExecutionOperationContext, { workflowId, reason, dryRun }) {
    if (dryRun) return plannedEnd(context, workflowId, { undoing: true });
    return executionToStarted(await cancelExecution(context, workflowId, reason), context.clock.now());
  },
});
