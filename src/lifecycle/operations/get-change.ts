import * as z from 'zod';
import { defineOperation } from '../../operation/operation.ts';
import { changeToShown, ShownChange } from '../changes/change-shapes.ts';
import { ChangeId, requireChange } from '../changes/require-change.ts';
import type { LifecycleOperationContext } from '../operation-context.ts';

export const getChange = defineOperation({
  id: 'get_change',
  summary: 'Show a change of services and instances: its plan, how far it is, and why it waits or failed',
  input: z.strictObject({ changeId: ChangeId }),
  output: ShownChange,
  errors: ['change.not-found'],
  access: 'viewer',
  http: { method: 'GET', path: '/v1/changes/{changeId}', status: 200 },
  resource: { key: 'changeId', scheme: 'change' },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run(context: LifecycleOperationContext, { changeId }) {
    return changeToShown(await requireChange(context, changeId));
  },
});
