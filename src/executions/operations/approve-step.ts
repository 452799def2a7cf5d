import { defineOperation } from '../../operation/operation.ts';
import { deciding } from '../decision-operation.ts';

export const approveStep = defineOperation({
  id: 'approve_step',
  summary: 'Approve a step that waits for a decision; the workflow goes on with the decision as its value',
  http: { method: 'POST', path: '/v1/executions/{workflowId}/approve', status: 200 },
  ...deciding(true),
});
