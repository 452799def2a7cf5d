import * as z from 'zod';
import { OrchestratorError } from '../../base/errors.ts';
import { defineOperation } from '../../operation/operation.ts';
import { changeToShown, ShownChange } from '../change-shapes.ts';
import { hasEnded } from '../model/change.ts';
import { ChangeId, requireChange } from '../require-change.ts';
import type { LifecycleOperationContext } from './context.ts';

export const cancelChange = defineOperation({
  id: 'cancel_change',
  summary: 'Cancel a change: no further wave begins; what has been done stays',
  input: z.strictObject({
    changeId: ChangeId,
    reason: z.string().min(1).max(500).optional().describe('Why; it is kept with the change'),
  }),
  output: ShownChange,
  errors: ['change.not-found', 'change.closed', 'registry.conflict'],
  access: 'operator',
  http: { method: 'POST', path: '/v1/changes/{changeId}/cancel', status: 202 },
  hints: { readOnly: false, destructive: true, idempotent: true },
  async run(context: LifecycleOperationContext, { changeId, reason }, caller) {
    for (let attempts = 0; attempts < 20; attempts++) {
      const change = await requireChange(context, changeId);
      if (change.cancelRequested || change.status === 'CANCELLED') return changeToShown(change);
      if (hasEnded(change))
        throw new OrchestratorError('change.closed', `The change ${changeId} has ended: ${change.status}`);
      const cancelled = {
        ...change,
        ver: change.ver + 1,
        cancelRequested: { by: caller.id, ...(reason !== undefined && { reason }) },
      };
      if (await context.changes.put(cancelled)) return changeToShown(cancelled);
    }
    throw new OrchestratorError('registry.conflict', `The change ${changeId} is being changed; try again`);
  },
});
