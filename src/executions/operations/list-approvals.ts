/** Lists the steps that wait for a decision. */
import * as z from 'zod';
import { defineOperation } from '../../operation/operation.ts';
import { Cursor, Limit, nextPage } from '../../operation/query.ts';
import type { StepRecord } from '../model/execution.ts';
import type { ExecutionOperationContext } from './context.ts';

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
    const { records, nextCursor } = await context.steps.awaitingApproval(page, context.clock.now());
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
