import * as z from 'zod';
import { defineOperation } from '../../operation/operation.ts';
import { betweenServices } from '../../registry/dependencies/model/arrows.ts';
import { readArrows } from '../../registry/dependencies/read-graph.ts';
import { askForChange, askOnce } from '../changes/ask-for-change.ts';
import { AskedChange, changeFields } from '../changes/change-shapes.ts';
import { lifecyclesOf, nowOrThen, stoppingWaves } from '../changes/plan-order.ts';
import type { LifecycleOperationContext } from '../operation-context.ts';

export const stopAll = defineOperation({
  id: 'stop_all',
  summary:
    'Stop every service that the orchestrator runs, those that need others first; resume_all brings them back as they were',
  input: z.strictObject(changeFields),
  output: AskedChange,
  errors: ['idempotency.conflict', 'registry.conflict'],
  access: 'admin',
  http: { method: 'POST', path: '/v1/fleet/stop', status: 202 },
  hints: { readOnly: false, destructive: true, idempotent: true, openWorld: true },
  async run(context: LifecycleOperationContext, input, caller) {
    return askOnce(context, { kind: 'stop-all', input, caller }, async () => {
      const { arrows } = await readArrows(context);
      const lifecycles = await lifecyclesOf(context, await context.driven.services());
      const running = await nowOrThen(context, lifecycles, (one) => one.parked === undefined);
      const waves = stoppingWaves(betweenServices(arrows), running, 'park');
      const plan = { kind: 'stop-all', waves, stopping: [...running.keys()] } as const;
      return askForChange(context, { plan, arrows, asked: input, caller });
    });
  },
});
