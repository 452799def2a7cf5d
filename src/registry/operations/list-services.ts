/** Lists services by name. */
import * as z from 'zod';
import type { PageRequest } from '../../aws/named-list.ts';
import { defineOperation } from '../../operation/operation.ts';
import { Cursor, Limit, nextPage } from '../../operation/query.ts';
import { anyVersion } from '../services/model/service-reference.ts';
import { Tag } from '../services/model/service-terms.ts';
import { tagsOf } from '../services/model/services.ts';
import { recordToShown, Shown } from '../services/service-shapes.ts';
import type { RegistryOperationContext } from './context.ts';

export const listServices = defineOperation({
  id: 'list_services',
  summary: 'List the registered services by name, each with its highest version',
  input: z.strictObject({
    tag: Tag.optional().describe('Only those with this tag, in any version'),
    limit: Limit,
    cursor: Cursor,
  }),
  output: z.object({ services: z.array(Shown), nextCursor: z.string().optional() }),
  errors: [],
  access: 'viewer',
  http: { method: 'GET', path: '/v1/services', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run(context: RegistryOperationContext, { tag, ...page }) {
    const { items, nextCursor } = await (tag === undefined
      ? context.services.list(page)
      : listTagged(context, tag, page));
    return { services: items.map((record) => recordToShown(record, anyVersion)), ...nextPage(nextCursor) };
  },
});

/** One that has lost the tag is still found by it for a moment, and left out here. */
async function listTagged({ services }: RegistryOperationContext, tag: string, page: PageRequest) {
  const { names, nextCursor } = await services.namesWithTag(tag, page);
  const records = await services.getAll(names);
  return { items: records.filter((record) => tagsOf(record).includes(tag)), nextCursor };
}
