import * as z from 'zod';
import { defineOperation } from '../../operation/operation.ts';
import { mayBeCancelled, requestCancel } from '../changes/cancel-change.ts';
import { changeFields, changeToShown, ShownChange } from '../changes/change-shapes.ts';
import { ChangeId, requireChange } from '../changes/require-change.ts';
import { Action, type Change, wavesLeftOut } from '../model/change.ts';
import type { LifecycleOperationContext } from '../operation-context.ts';

const { reason, idempotencyKey } = changeFields;

export const cancelChange = defineOperation({
  id: 'cancel_change',
  summary: 'Cancel a change: no further wave begins; what has been done stays',
  input: z.strictObject({
    changeId: ChangeId,
    reason,
    idempotencyKey: idempotencyKey.describe('The same key cancels the same change, and is answered the same'),
    dryRun: z.boolean().default(false).describe('Only show the change as it is, and what would be left out'),
  }),
  output: ShownChange.extend({
    dryRun: z.boolean(),
    leftOut: z.array(z.array(Action)).describe('The waves that do not begin any more'),
    warnings: z.array(z.string()),
  }),
  errors: ['change.not-found', 'change.closed', 'idempotency.conflict', 'registry.conflict'],
  access: 'operator',
  http: { method: 'POST', path: '/v1/changes/{changeId}/cancel', status: 202 },
  hints: { readOnly: false, destructive: true, idempotent: true },
  async run(context: LifecycleOperationContext, { dryRun, ...input }, caller) {
    const change = dryRun
      ? await cancellable(context, input.changeId)
      : await requestCancel(context, { ...input, caller: caller.id });
    const warnings = change.waves.flatMap(({ status, actions }) =>
      status === 'RUNNING'
        ? actions.map(({ action, service }) => `${action} of ${service} has begun, and goes on`)
        : [],
    );
    return { ...changeToShown(change), dryRun, leftOut: wavesLeftOut(change), warnings };
  },
});

async function cancellable(context: LifecycleOperationContext, changeId: string): Promise<Change> {
  const change = await requireChange(context, changeId);
  mayBeCancelled(change);
  return change;
}
