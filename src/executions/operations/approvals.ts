/** Decides approvals, and lists those that wait for a decision. */
import * as z from 'zod';
import { linesOfText } from '../../base/plain-text.ts';
import { defineOperation } from '../../operation/operation.ts';
import { Cursor, Limit, nextPage } from '../../operation/query.ts';
import { decideApproval } from '../decide-approval.ts';
import { StepPath, WorkflowId } from '../execution-shapes.ts';
import type { StepRecord } from '../model/execution.ts';
import type { ExecutionOperationContext } from './context.ts';

const DecideInput = z.strictObject({
  workflowId: WorkflowId,
  step: StepPath,
  comment: linesOfText(2_000).optional().describe('Why; kept with the decision'),
});

const Decision = z.object({
  workflowId: z.string(),
  step: z.string(),
  approved: z.boolean(),
  by: z.string().describe('Who decided'),
  at: z.string(),
  comment: z.string().optional(),
});

const deciding = (approved: boolean) => ({
  input: DecideInput,
  output: Decision,
  errors: ['execution.not-found', 'approval.not-found', 'approval.decided', 'approval.expired'] as const,
  access: 'operator' as const,
  hints: { readOnly: false, destructive: !approved, idempotent: true, openWorld: true },
  async run(
    context: ExecutionOperationContext,
    { workflowId, step, comment }: z.infer<typeof DecideInput>,
    caller: { readonly id: string },
  ): Promise<z.infer<typeof Decision>> {
    const decided = await decideApproval(context, { workflowId, step, approved, by: caller.id, comment });
    return { workflowId, step, ...decided };
  },
});

export const approveStep = defineOperation({
  id: 'approve_step',
  summary: 'Approve a step that waits for a decision; the workflow goes on with the decision as its value',
  http: { method: 'POST', path: '/v1/executions/{workflowId}/approve', status: 200 },
  ...deciding(true),
});

export const rejectStep = defineOperation({
  id: 'reject_step',
  summary: 'Reject a step that waits for a decision; the step fails with approval.rejected',
  http: { method: 'POST', path: '/v1/executions/{workflowId}/reject', status: 200 },
  ...deciding(false),
});

const WaitingApproval = z.object({
  workflowId: z.string(),
  workflow: z.string().describe('Name of the workflow that asks'),
  step: z.string().describe('What approve_step and reject_step take'),
  message: z.unknown().optional(),
  details: z.unknown().optional(),
  askedAt: z.string(),
});

export const listApprovals = defineOperation({
  id: 'list_approvals',
  summary: 'List the steps that wait for a decision, with their workflows, oldest first',
  input: z.strictObject({ limit: Limit, cursor: Cursor }),
  output: z.object({ approvals: z.array(WaitingApproval), nextCursor: z.string().optional() }),
  errors: [],
  access: 'viewer',
  http: { method: 'GET', path: '/v1/approvals', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run(context: ExecutionOperationContext, page) {
    const { records, nextCursor } = await context.steps.awaitingApproval(page);
    const approvals = await Promise.all(records.map((record) => recordToApproval(context, record)));
    return { approvals, ...nextPage(nextCursor) };
  },
});

async function recordToApproval(
  { executions }: ExecutionOperationContext,
  { executionId, occurrence, approval, runningSince, ...record }: StepRecord,
): Promise<z.infer<typeof WaitingApproval>> {
  // A record of before approvals named it.
  const workflow = record.workflow ?? (await executions.get(executionId))?.workflow ?? '';
  return {
    workflowId: executionId,
    workflow,
    step: occurrence,
    ...(approval?.message !== undefined && { message: approval.message }),
    ...(approval?.details !== undefined && { details: approval.details }),
    askedAt: runningSince ?? '',
  };
}
