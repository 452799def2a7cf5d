import { defineOperation } from '../../operation/operation.ts';
import { terminateExecution } from '../cancel-execution.ts';
import { EndInput, EndOutput, plannedEnd } from '../end-request.ts';
import { executionToStarted } from '../execution-shapes.ts';
import type { ExecutionOperationContext } from './context.ts';

export const terminateWorkflow = defineOperation({
  id: 'terminate_workflow',
  summary: 'Stop an execution at once, without undoing anything',
  input: EndInput,
  output: EndOutput,
  errors: ['execution.not-found', 'execution.closed'],
  access: 'operator',
  http: { method: 'POST', path: '/v1/executions/{workflowId}/terminate', status: 200 },
  hints: { readOnly: false, destructive: true, idempotent: true },
  async run(context: ExecutionOperationContext, { workflowId, reason, dryRun }) {
    if (dryRun) return plannedEnd(context, workflowId, { undoing: false });
    return executionToStarted(await terminateExecution(context, workflowId, reason), context.clock.now());
  },
});
