/** What approve_step and reject_step share. */
import * as z from 'zod';
import { linesOfText } from '../base/plain-text.ts';
import { decideApproval } from './decide-approval.ts';
import { StepPath, WorkflowId } from './execution-shapes.ts';
import type { ExecutionOperationContext } from './operations/context.ts';

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

export const deciding = (approved: boolean) => ({
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
