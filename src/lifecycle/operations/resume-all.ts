import * as z from 'zod';
import { defineOperation } from '../../operation/operation.ts';
import { betweenServices } from '../../registry/dependencies/model/arrows.ts';
import { readArrows } from '../../registry/dependencies/read-graph.ts';
import { askForChange, askOnce } from '../changes/ask-for-change.ts';
import { AskedChange, changeFields } from '../changes/change-shapes.ts';
import { lifecyclesOf, nowOrThen, resumingWaves } from '../changes/plan-order.ts';
import type { LifecycleOperationContext } from '../operation-context.ts';

export const resumeAll = defineOperation({
  id: 'resume_all',
  summary: 'Start what stop_all has stopped, with as many instances as before, those first that others need',
  input: z.strictObject(changeFields),
  output: AskedChange,
  errors: ['idempotency.conflict', 'registry.conflict'],
  access: 'admin',
  http: { method: 'POST', path: '/v1/fleet/resume', status: 202 },
  hints: { readOnly: false, destructive: false, idempotent: true, openWorld: true },
  async run(context: LifecycleOperationContext, input, caller) {
    return askOnce(context, { kind: 'resume-all', input, caller }, async () => {
      const { arrows } = await readArrows(context);
      const lifecycles = await lifecyclesOf(context, await context.driven.services());
      const parked = await nowOrThen(context, lifecycles, (one) => one.parked !== undefined);
      const waves = resumingWaves(betweenServices(arrows), parked);
      const warnings = waves.length > 0 ? [] : ['stop_all has stopped nothing that is not started again'];
      const plan = { kind: 'resume-all', waves, warnings } as const;
      return askForChange(context, { plan, arrows, asked: input, caller });
    });
  },
});
