import * as z from 'zod';
import { defineOperation } from '../../operation/operation.ts';
import { betweenServices } from '../../registry/dependencies/model/arrows.ts';
import { readArrows } from '../../registry/dependencies/read-graph.ts';
import { askForChange, askOnce } from '../changes/ask-for-change.ts';
import { AskedChange, changeFields, ServicePlace } from '../changes/change-shapes.ts';
import { startingWaves } from '../changes/plan-order.ts';
import { requireLifecycle } from '../keep-lifecycle.ts';
import type { LifecycleOperationContext } from '../operation-context.ts';

export const startService = defineOperation({
  id: 'start_service',
  summary: 'Start the instances of a service, after those of the services that it requires',
  input: z.strictObject({ ...ServicePlace, ...changeFields }),
  output: AskedChange,
  errors: ['service.not-found', 'service.not-driven', 'idempotency.conflict', 'registry.conflict'],
  access: 'operator',
  http: { method: 'POST', path: '/v1/services/{service}/start', status: 202 },
  hints: { readOnly: false, destructive: false, idempotent: true, openWorld: true },
  async run(context: LifecycleOperationContext, input, caller) {
    return askOnce(context, { kind: 'start', input, caller }, async () => {
      const { service } = input;
      await requireLifecycle(context, service);
      const { arrows } = await readArrows(context);
      const waves = await startingWaves(context, betweenServices(arrows), [service]);
      return askForChange(context, { plan: { kind: 'start', waves }, arrows, asked: input, caller });
    });
  },
});
