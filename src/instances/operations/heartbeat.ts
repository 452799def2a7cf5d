/** Renews the lease of an instance. */
import * as z from 'zod';
import { defineOperation } from '../../operation/operation.ts';
import type { InstanceOperationContext } from '../context.ts';
import { Place, Reported, unknownInstance } from '../instance-shapes.ts';

export const heartbeat = defineOperation({
  id: 'heartbeat',
  summary: 'Renew the lease of an instance, and say how it is',
  input: Place.extend({ health: Reported }),
  output: z.object({ service: z.string(), id: z.string(), renewedAt: z.string() }),
  errors: ['instance.not-found'],
  access: 'operator',
  http: { method: 'POST', path: '/v1/services/{service}/instances/{id}/heartbeats', status: 200 },
  hints: { readOnly: false, destructive: false, idempotent: true },
  async run(context: InstanceOperationContext, { service, id, health }) {
    const renewedAtMs = context.clock.now();
    const renewed = await context.instances.renew(service, id, { renewedAtMs, reported: health });
    // Somebody may have renewed it later already, with a clock that is ahead.
    if (!renewed && !(await context.instances.get(service, id))) throw unknownInstance(service, id);
    return { service, id, renewedAt: new Date(renewedAtMs).toISOString() };
  },
});
