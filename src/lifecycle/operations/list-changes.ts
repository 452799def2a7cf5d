import * as z from 'zod';
import { defineOperation } from '../../operation/operation.ts';
import { Cursor, Limit, nextPage } from '../../operation/query.ts';
import { changeToShown, ShownChange } from '../changes/change-shapes.ts';
import type { LifecycleOperationContext } from '../operation-context.ts';

export const listChanges = defineOperation({
  id: 'list_changes',
  summary: 'List changes of services and instances, the newest first, or those that are open',
  input: z.strictObject({
    open: z
      .boolean()
      .default(false)
      .describe('Only those that have not ended, the oldest first; all at once'),
    limit: Limit,
    cursor: Cursor,
  }),
  output: z.object({ changes: z.array(ShownChange), nextCursor: z.string().optional() }),
  errors: [],
  access: 'viewer',
  http: { method: 'GET', path: '/v1/changes', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run({ changes }: LifecycleOperationContext, { open, limit, cursor }) {
    if (open) return { changes: (await changes.open()).map(changeToShown) };
    const page = await changes.list({ limit, cursor });
    return { changes: page.changes.map(changeToShown), ...nextPage(page.nextCursor) };
  },
});
