/** Lists the instances of a service. */
import * as z from 'zod';
import { defineOperation } from '../../operation/operation.ts';
import { Name } from '../../registry/services/model/service-terms.ts';
import type { InstanceOperationContext } from '../context.ts';
import { requireInstances } from '../instance-shapes.ts';
import { InstanceHealth, ListedInstance, listedInstances } from '../model/instances.ts';

export const listInstances = defineOperation({
  id: 'list_instances',
  summary: 'List the instances of a service, those too that are not healthy, have ended or have failed',
  input: z.strictObject({
    service: Name.describe('Name of the service'),
    health: InstanceHealth.optional().describe('Only those that are so'),
  }),
  output: z.object({ service: z.string(), instances: z.array(ListedInstance) }),
  errors: ['service.not-found'],
  access: 'viewer',
  http: { method: 'GET', path: '/v1/services/{service}/instances', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run(context: InstanceOperationContext, { service, health }) {
    const all = listedInstances(await requireInstances(context, service), context.clock.now());
    return { service, instances: all.filter((one) => health === undefined || one.health === health) };
  },
});
