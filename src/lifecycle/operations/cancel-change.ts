import * as z from 'zod';
import { defineOperation } from '../../operation/operation.ts';
import { requestCancel } from '../changes/cancel-change.ts';
import { changeToShown, ShownChange } from '../changes/change-shapes.ts';
import { ChangeId } from '../changes/require-change.ts';
import type { LifecycleOperationContext } from '../operation-context.ts';

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
    return changeToShown(await requestCancel(context, { changeId, reason, caller: caller.id }));
  },
});
