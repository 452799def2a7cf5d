/** Cancels or terminates an execution. */

import * as z from 'zod';
import { lineOfText } from '../../base/plain-text.ts';
import { defineOperation } from '../../operation/operation.ts';
import { cancelExecution, terminateExecution } from '../cancel-execution.ts';
import { executionToStarted, StartedExecution, WorkflowId } from '../execution-shapes.ts';
import type { ExecutionOperationContext } from './context.ts';

const EndInput = z.strictObject({
  workflowId: WorkflowId,
  reason: lineOfText(1_000)
    .optional()
    .describe('Why; kept and shown with the execution. The first reason of a repeated request stays'),
});

export const cancelWorkflow = defineOperation({
  id: 'cancel_workflow',
  summary: 'Cancel an execution: calls under way are aborted, finished steps with compensate are undone',
  input: EndInput,
  output: StartedExecution,
  errors: ['execution.not-found', 'execution.closed'],
  access: 'operator',
  http: { method: 'POST', path: '/v1/executions/{workflowId}/cancel', status: 202 },
  hints: { readOnly: false, destructive: true, idempotent: true, openWorld: true },
  async run(context: ExecutionOperationContext, { workflowId, reason }) {
    return executionToStarted(await cancelExecution(context, workflowId, reason), context.clock.now());
  },
});

export const terminateWorkflow = defineOperation({
  id: 'terminate_workflow',
  summary: 'Stop an execution at once, without undoing anything',
  input: EndInput,
  output: StartedExecution,
  errors: ['execution.not-found', 'execution.closed'],
  access: 'operator',
  http: { method: 'POST', path: '/v1/executions/{workflowId}/terminate', status: 200 },
  hints: { readOnly: false, destructive: true, idempotent: true },
  async run(context: ExecutionOperationContext, { workflowId, reason }) {
    return executionToStarted(await terminateExecution(context, workflowId, reason), context.clock.now());
  },
});
