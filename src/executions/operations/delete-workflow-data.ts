/** Deletes what one ended execution was about, before its retention is over. */
import * as z from 'zod';
import { isoNow } from '../../base/clock.ts';
import { OrchestratorError } from '../../base/errors.ts';
import { defineOperation } from '../../operation/operation.ts';
import { WorkflowId } from '../execution-shapes.ts';
import { type Execution, shownStatus } from '../model/execution.ts';
import { requireExecution } from '../require-execution.ts';
import type { ExecutionOperationContext } from './context.ts';

/** So long Step Functions keeps the history of an execution that has ended (AWS: quotas), and nobody can shorten it. */
const historyMs = 90 * 24 * 3_600_000;

export const deleteWorkflowData = defineOperation({
  id: 'delete_workflow_data',
  summary:
    'Delete what an ended execution was about: input, output, results, errors, reasons and labels; that it was stays known',
  input: z.strictObject({
    workflowId: WorkflowId,
    dryRun: z.boolean().default(false).describe('Only say what would be deleted'),
  }),
  output: z.object({
    workflowId: z.string(),
    dryRun: z.boolean(),
    deletedAt: z.string().optional().describe('ISO time; none where nothing was deleted yet'),
    steps: z.int().describe('Records of steps that were deleted, or would be'),
    parts: z.int().describe('Items of large results that were deleted, or would be'),
    historyUntil: z
      .string()
      .describe('ISO time until which Step Functions keeps its history, with inputs and outputs'),
  }),
  errors: ['execution.not-found', 'execution.open'],
  access: 'admin',
  http: { method: 'DELETE', path: '/v1/executions/{workflowId}/data', status: 200 },
  hints: { readOnly: false, destructive: true, idempotent: true },
  async run(context: ExecutionOperationContext, { workflowId, dryRun }, caller) {
    const execution = await requireExecution(context, workflowId);
    const { closedAt } = execution;
    if (closedAt === undefined) throw stillOpen(execution);
    const historyUntil = new Date(Date.parse(closedAt) + historyMs).toISOString();
    const about = { workflowId, dryRun, historyUntil };
    if (dryRun) {
      const { dataDeletedAt: deletedAt } = execution;
      return {
        ...about,
        ...(deletedAt && { deletedAt }),
        ...(await context.executionData.count(workflowId)),
      };
    }
    const deletedAt = execution.dataDeletedAt ?? isoNow(context.clock);
    const deleted = await context.executionData.delete({ id: workflowId, closedAt }, deletedAt);
    if (deleted === false) throw changedMeanwhile();
    context.log.info('execution data deleted', { workflowId, caller: caller.id, ...deleted });
    return { ...about, deletedAt, ...deleted };
  },
});

const stillOpen = (execution: Execution): OrchestratorError =>
  new OrchestratorError(
    'execution.open',
    `The execution is ${shownStatus(execution)}; cancel_workflow or terminate_workflow ends it, and then its data can be deleted`,
  );

const changedMeanwhile = (): OrchestratorError =>
  new OrchestratorError(
    'execution.open',
    'The execution was retried, or its end is being told to subscriptions; try again in a few seconds',
    { retryAfterSeconds: 5 },
  );
