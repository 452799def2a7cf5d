/** Checks the instances of a service at once. */
import * as z from 'zod';
import { noSuchInstance, requireInstances } from '../../../instances/instance-shapes.ts';
import { listedInstances } from '../../../instances/model/instances.ts';
import { defineOperation } from '../../../operation/operation.ts';
import { Name } from '../../../registry/services/model/service-terms.ts';
import { checkNow } from '../check-now.ts';
import type { HealthOperationContext } from './context.ts';

const Seen = z.object({
  id: z.string(),
  passed: z.boolean().optional().describe('None where it was not asked'),
  why: z.string().optional().describe('Why it did not pass, or was not asked'),
  tookMs: z.number().int().optional(),
});

/** Asked in one request. */
const mostChecked = 50;

export const checkHealthNow = defineOperation({
  id: 'check_health_now',
  summary:
    'Check the instances of a service now, and tell what was seen; each within the time-out of its health check',
  input: z.strictObject({
    service: Name.describe('Name of the service'),
    instance: z.string().max(128).optional().describe('Only this one'),
  }),
  output: z.object({
    service: z.string(),
    checked: z.array(Seen).describe(`At most ${mostChecked}`),
    notChecked: z.number().int().describe('How many there are besides'),
  }),
  errors: ['service.not-found', 'instance.not-found'],
  access: 'operator',
  http: { method: 'POST', path: '/v1/services/{service}/check', status: 200 },
  hints: { readOnly: false, destructive: false, idempotent: true, openWorld: true },
  async run(context: HealthOperationContext, { service, instance }) {
    const known = await requireInstances(context, service);
    const all = listedInstances(known, context.clock.now());
    const asked = instance === undefined ? all : all.filter(({ id }) => id === instance);
    if (instance !== undefined && asked.length === 0) throw noSuchInstance(known, instance);
    const now = asked.slice(0, mostChecked);
    const checked = await Promise.all(now.map((one) => checkNow(context, known, one)));
    return { service, checked, notChecked: asked.length - now.length };
  },
});
