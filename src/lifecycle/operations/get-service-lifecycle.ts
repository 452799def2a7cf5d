import * as z from 'zod';
import { CountDecision, Desired, wantedCount } from '../../instances/model/service-lifecycle.ts';
import { defineOperation } from '../../operation/operation.ts';
import { ServicePlace } from '../changes/change-shapes.ts';
import { requireLifecycle } from '../keep-lifecycle.ts';
import { canServe } from '../model/fleet-moves.ts';
import type { LifecycleOperationContext } from '../operation-context.ts';

export const getServiceLifecycle = defineOperation({
  id: 'get_service_lifecycle',
  summary:
    'Show what is wanted of the instances of a service, how many serve, and why their number was changed',
  input: z.strictObject(ServicePlace),
  output: z.object({
    service: z.string(),
    desired: Desired,
    wanted: z.number().int().describe('How many instances there are to be now'),
    serving: z.number().int().describe('How many are healthy and take calls'),
    asleep: z.boolean().describe('Whether it has none until the next call'),
    version: z.string().describe('The one that instances are started from'),
    driver: z.string().describe('The kind of its driver here'),
    hold: z
      .object({ until: z.string().describe('ISO time'), by: z.string(), reason: z.string().optional() })
      .optional()
      .describe('Until then no policy changes the number that somebody asked for'),
    change: z.string().optional().describe('Id of the change that is under way'),
    waiting: z.array(z.string()).describe('Ids of changes that wait for it, in their order'),
    rejected: z
      .boolean()
      .describe('Whether the newest registration did not become healthy, and the one before it runs'),
    decisions: z.array(CountDecision).describe('The last changes of the number, oldest first'),
  }),
  errors: ['service.not-found', 'service.not-driven'],
  access: 'viewer',
  http: { method: 'GET', path: '/v1/services/{service}/lifecycle', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run(context: LifecycleOperationContext, { service }) {
    const lifecycle = await requireLifecycle(context, service);
    const { instances } = await context.driven.ofService(service, { consistent: true });
    const { desired, asleep, template, hold, change, waiting, rejected, decisions } = lifecycle;
    const held = hold && hold.untilMs > context.clock.now() ? hold : undefined;
    return {
      service,
      desired,
      wanted: wantedCount(lifecycle),
      serving: instances.filter((instance) => !instance.leaving && canServe(instance)).length,
      asleep,
      version: template.version,
      driver: template.driver.kind,
      ...(held && {
        hold: {
          until: new Date(held.untilMs).toISOString(),
          by: held.by,
          ...(held.reason !== undefined && { reason: held.reason }),
        },
      }),
      ...(change !== undefined && { change }),
      waiting: waiting.map(({ id }) => id),
      rejected: rejected !== undefined,
      decisions,
    };
  },
});
