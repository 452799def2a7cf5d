/** Plans in which order services start. */

import * as z from 'zod';
import { OrchestratorError } from '../../base/errors.ts';
import { defineOperation } from '../../operation/operation.ts';
import { type Arrow, betweenServices } from '../dependencies/model/arrows.ts';
import { startWaves, withRequired } from '../dependencies/model/start-order.ts';
import { allServices, readArrows, registeredOf } from '../dependencies/read-graph.ts';
import { Name } from '../services/model/service-terms.ts';
import type { RegistryOperationContext } from './context.ts';

const Starting = z.object({
  service: z.string(),
  requires: z.array(z.string()).describe('Have to be healthy first'),
  after: z.array(z.string()).describe('Optional ones: started earlier, but nobody waits for their health'),
});

export const planStartOrder = defineOperation({
  id: 'plan_start_order',
  summary: 'Plan in which order services start: waves, each of which needs only what is in earlier ones',
  input: z.strictObject({
    services: z
      .array(Name)
      .min(1)
      .max(100)
      .optional()
      .describe('Only these and what they require; all when left out. What is only optional is not added'),
  }),
  output: z.object({
    waves: z.array(z.array(Starting)),
    missing: z
      .array(z.object({ service: z.string(), requiredBy: z.array(z.string()) }))
      .describe('Required, but not registered: who requires them starts all the same, and is degraded'),
  }),
  errors: ['service.not-found'],
  access: 'viewer',
  http: { method: 'POST', path: '/v1/start-order', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run(context: RegistryOperationContext, { services }) {
    const arrows = betweenServices((await readArrows(context)).arrows);
    const wanted = services && withRequired(arrows, services);
    const registered = wanted ? await registeredOf(context, [...wanted]) : await allServices(context, arrows);
    refuseUnknown(services ?? [], registered);
    const starting = [...(wanted ?? registered)].filter((name) => registered.has(name));
    return {
      waves: startWaves(arrows, new Set(starting)),
      missing: missingOf(arrows, registered, new Set(starting)),
    };
  },
});

function refuseUnknown(services: readonly string[], registered: ReadonlySet<string>): void {
  const errors = services.flatMap((name, index) =>
    registered.has(name) ? [] : [{ path: `services[${index}]`, message: `${name} is not registered` }],
  );
  if (errors.length > 0)
    throw new OrchestratorError('service.not-found', errors.map(({ message }) => message).join('; '), {
      errors,
    });
}

function missingOf(
  arrows: readonly Arrow[],
  registered: ReadonlySet<string>,
  starting: ReadonlySet<string>,
): { service: string; requiredBy: string[] }[] {
  const missing = new Map<string, string[]>();
  for (const { from, to, required } of arrows) {
    if (!required || registered.has(to) || !starting.has(from)) continue;
    missing.set(to, [...(missing.get(to) ?? []), from]);
  }
  return [...missing].map(([service, requiredBy]) => ({ service, requiredBy }));
}
