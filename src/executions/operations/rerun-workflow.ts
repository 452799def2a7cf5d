/** Starts the workflow of an ended execution again, as a new one. */
import * as z from 'zod';
import { OrchestratorError } from '../../base/errors.ts';
import { defineOperation } from '../../operation/operation.ts';
import { checkedWorkflow } from '../../workflows/checked-workflow.ts';
import { executionToStarted, IdempotencyKey, StartedExecution, WorkflowId } from '../execution-shapes.ts';
import { isClosed, shownStatus } from '../model/execution.ts';
import { refuseDeleted, requireExecution } from '../require-execution.ts';
import { startExecution } from '../start-execution.ts';
import type { ExecutionOperationContext } from './context.ts';

export const rerunWorkflow = defineOperation({
  id: 'rerun_workflow',
  summary: 'Start the workflow of an ended execution again with the same input, in its newest version',
  input: z.strictObject({ workflowId: WorkflowId, idempotencyKey: IdempotencyKey.optional() }),
  output: StartedExecution,
  errors: [
    'execution.not-found',
    'execution.open',
    'execution.data-deleted',
    'workflow.not-found',
    'workflow.archived',
    'workflow.input-invalid',
    'idempotency.conflict',
  ],
  access: 'operator',
  http: { method: 'POST', path: '/v1/executions/{workflowId}/rerun', status: 202 },
  hints: { readOnly: false, destructive: false, idempotent: false, openWorld: true },
  async run(context: ExecutionOperationContext, { workflowId, idempotencyKey }, caller) {
    const earlier = await requireExecution(context, workflowId);
    if (!isClosed(earlier)) {
      const why = `The execution is ${shownStatus(earlier)}; only one that has ended can be rerun`;
      throw new OrchestratorError('execution.open', why);
    }
    refuseDeleted(earlier);
    const execution = await startExecution(context, {
      workflow: await checkedWorkflow(context, earlier.workflow, earlier.input),
      input: earlier.input,
      labels: earlier.labels,
      caller: caller.id,
      idempotencyKey,
      trace: caller.trace,
      rerunOf: earlier.id,
    });
    return executionToStarted(execution, context.clock.now());
  },
});
