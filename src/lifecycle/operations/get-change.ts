import * as z from 'zod';
import { defineOperation } from '../../operation/operation.ts';
import { changeToShown, ShownChange } from '../changes/change-shapes.ts';
import { ChangeId, requireChange } from '../changes/require-change.ts';
import type { Change } from '../model/change.ts';
import { progressOf } from '../model/progress.ts';
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
    const change = await requireChange(context, changeId);
    const why = change.status === 'RUNNING' ? await whatIsMissing(context, change) : undefined;
    return { ...changeToShown(change), ...(why !== undefined && { why }) };
  },
});

/** What the wave that is under way waits for, as it is now. */
async function whatIsMissing(
  { driven }: LifecycleOperationContext,
  { waves }: Change,
): Promise<string | undefined> {
  const { actions = [] } = waves.find(({ status }) => status === 'RUNNING') ?? {};
  const missing = await Promise.all(
    actions.map(async (action) => {
      const { service } = action;
      const { lifecycle, instances } = await driven.ofService(service);
      const progress = lifecycle && progressOf(action, { lifecycle, instances });
      return !progress || progress.status === 'done' ? [] : [`${service}: ${progress.why}`];
    }),
  );
  return missing.flat().join('; ') || undefined;
}
