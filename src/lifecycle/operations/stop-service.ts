import * as z from 'zod';
import { defineOperation } from '../../operation/operation.ts';
import { betweenServices } from '../../registry/dependencies/model/arrows.ts';
import { readArrows } from '../../registry/dependencies/read-graph.ts';
import { askForChange, askOnce } from '../changes/ask-for-change.ts';
import { AskedChange, changeFields, ServicePlace } from '../changes/change-shapes.ts';
import {
  isAwake,
  lifecyclesOf,
  nowOrThen,
  refuseDependents,
  stoppingWaves,
  withDependents,
} from '../changes/plan-order.ts';
import { requireLifecycle } from '../keep-lifecycle.ts';
import type { LifecycleOperationContext } from '../operation-context.ts';

export const stopService = defineOperation({
  id: 'stop_service',
  summary: 'Stop the instances of a service when their calls have ended; it stays registered',
  input: z.strictObject({
    ...ServicePlace,
    cascade: z
      .boolean()
      .default(false)
      .describe('Whether services that require it and run are stopped first; without it that is refused'),
    ...changeFields,
  }),
  output: AskedChange,
  errors: [
    'service.not-found',
    'service.not-driven',
    'service.in-use',
    'idempotency.conflict',
    'registry.conflict',
  ],
  access: 'operator',
  http: { method: 'POST', path: '/v1/services/{service}/stop', status: 202 },
  hints: { readOnly: false, destructive: true, idempotent: true, openWorld: true },
  async run(context: LifecycleOperationContext, input, caller) {
    return askOnce(context, { kind: 'stop', input, caller }, async () => {
      const { service, cascade } = input;
      await requireLifecycle(context, service);
      const { arrows } = await readArrows(context);
      const between = betweenServices(arrows);
      const lifecycles = await lifecyclesOf(context, withDependents(between, [service]));
      const awake = await nowOrThen(context, lifecycles, isAwake);
      const running = [...awake.values()].filter((one) => one.service !== service);
      if (!cascade) refuseDependents(service, running);
      const stopped = new Map([...lifecycles].filter(([name]) => name === service || awake.has(name)));
      const waves = stoppingWaves(between, stopped, 'stop');
      const plan = { kind: 'stop', waves, stopping: [...stopped.keys()] } as const;
      return askForChange(context, { plan, arrows, asked: input, caller });
    });
  },
});
