/** Shows how a service is, and why. */
import * as z from 'zod';
import type { CheckedHealth } from '../../../instances/model/checked-health.ts';
import { ListedInstance, listedInstances } from '../../../instances/model/instances.ts';
import { ServiceHealth } from '../../../instances/model/judged-service.ts';
import { defineOperation } from '../../../operation/operation.ts';
import { unknownService } from '../../../registry/services/model/service-reference.ts';
import { Name } from '../../../registry/services/model/service-terms.ts';
import { healthIn } from '../check-instance.ts';
import { judgeServices } from '../judge-services.ts';
import type { HealthOperationContext } from './context.ts';

const Instance = ListedInstance.pick({
  id: true,
  version: true,
  url: true,
  health: true,
  reason: true,
  state: true,
}).extend({
  since: z.string().optional().describe('ISO time since when its health is what it is, where that is known'),
});

export const getServiceHealth = defineOperation({
  id: 'get_service_health',
  summary: 'Show how a service is, why, and how its instances and the services that it needs are',
  input: z.strictObject({ service: Name.describe('Name of the service') }),
  output: z.object({
    service: z.string(),
    health: ServiceHealth,
    because: z.array(z.string()).describe('What is wrong; nothing where it is healthy'),
    instances: z.array(Instance),
    needs: z.array(
      z.object({
        service: z.string(),
        required: z.boolean(),
        health: ServiceHealth.optional().describe('None where it is not registered'),
      }),
    ),
  }),
  errors: ['service.not-found'],
  access: 'viewer',
  http: { method: 'GET', path: '/v1/services/{service}/health', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run(context: HealthOperationContext, { service }) {
    const judged = (await judgeServices(context, [service])).get(service);
    if (!judged) throw unknownService(service);
    const { health, because, known, needs } = judged;
    return {
      service,
      health,
      because: [...because],
      instances: listedInstances(known, context.clock.now()).map(
        ({ id, version, url, health: own, reason, state }) => ({
          id,
          version,
          health: own,
          ...(url !== undefined && { url }),
          ...(reason !== undefined && { reason }),
          ...(state !== undefined && { state }),
          ...sinceOf(known.checked?.find((one) => one.id === id && healthIn(one) === own)),
        }),
      ),
      needs: needs.map((need) => ({ ...need })),
    };
  },
});

const sinceOf = (checked: CheckedHealth | undefined): { since?: string } =>
  checked ? { since: new Date(checked.quarantinedMs ?? checked.sinceMs).toISOString() } : {};
