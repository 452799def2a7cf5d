import * as z from 'zod';
import { noSuchInstance, Place, requireInstances } from '../../instances/instance-shapes.ts';
import { InstanceMove } from '../../instances/model/driven-instance.ts';
import { ListedInstance, listedInstances } from '../../instances/model/instances.ts';
import { defineOperation } from '../../operation/operation.ts';
import type { LifecycleOperationContext } from '../operation-context.ts';

const Lifecycle = z.object({
  since: z.string().describe('ISO time since when it is in its state'),
  ref: z.string().optional().describe('What its driver calls it, such as the id of its process'),
  starts: z.number().int().describe('How often it was started'),
  held: z.boolean().describe('Whether stop_instance stopped it'),
  leaving: z.boolean().describe('Whether it goes when it has stopped'),
  startsAgainAt: z.string().optional().describe('ISO time before which it is not started again'),
  exits: z.array(z.object({ at: z.string(), livedMs: z.number().int(), how: z.string() })),
  history: z.array(InstanceMove).describe('The last moves from state to state, oldest first'),
});

export const getInstance = defineOperation({
  id: 'get_instance',
  summary:
    'Show one instance of a service: its state, its health, what keeps it waiting, and what happened to it',
  input: Place,
  output: ListedInstance.extend({
    lifecycle: Lifecycle.optional().describe('Of one that the orchestrator starts and stops'),
  }),
  errors: ['service.not-found', 'instance.not-found'],
  access: 'viewer',
  http: { method: 'GET', path: '/v1/services/{service}/instances/{id}', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run(context: LifecycleOperationContext, { service, id }) {
    const known = await requireInstances(context, service);
    const driven = known.driven?.find((one) => one.id === id);
    const shown = listedInstances(known, context.clock.now()).find((one) => one.id === id);
    if (!shown) throw noSuchInstance(known, id);
    if (!driven) return shown;
    return {
      ...shown,
      lifecycle: {
        since: isoOf(driven.stateSinceMs),
        ...(driven.ref !== undefined && { ref: driven.ref }),
        starts: driven.starts,
        held: driven.held,
        leaving: driven.leaving,
        ...(driven.notBeforeMs !== undefined && { startsAgainAt: isoOf(driven.notBeforeMs) }),
        exits: driven.exits.map(({ atMs, livedMs, how }) => ({ at: isoOf(atMs), livedMs, how })),
        history: driven.history,
      },
    };
  },
});

const isoOf = (ms: number): string => new Date(ms).toISOString();
