/** Removes an instance. */
import * as z from 'zod';
import { defineOperation } from '../../operation/operation.ts';
import type { InstanceOperationContext } from '../context.ts';
import { Place, unknownInstance } from '../instance-shapes.ts';

export const deregisterInstance = defineOperation({
  id: 'deregister_instance',
  summary: 'Remove an instance that registered itself; no new calls go to it',
  input: Place,
  output: Place.extend({ removed: z.literal(true) }),
  errors: ['instance.not-found'],
  access: 'operator',
  http: { method: 'DELETE', path: '/v1/services/{service}/instances/{id}', status: 200 },
  hints: { readOnly: false, destructive: true, idempotent: false },
  async run(context: InstanceOperationContext, { service, id }) {
    if (!(await context.instances.delete(service, id))) throw unknownInstance(service, id);
    return { service, id, removed: true as const };
  },
});
