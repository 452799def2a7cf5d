import { defineOperation } from '../../operation/operation.ts';
import { deciding } from '../decision-operation.ts';

export const rejectStep = defineOperation({
  id: 'reject_step',
  summary: 'Reject a step that waits for a decision; the step fails with approval.rejected',
  http: { method: 'POST', path: '/v1/executions/{workflowId}/reject', status: 200 },
  ...deciding(false),
});
