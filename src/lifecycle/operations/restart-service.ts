import * as z from 'zod';
import { OrchestratorError } from '../../base/errors.ts';
import { defineOperation } from '../../operation/operation.ts';
import { readArrows } from '../../registry/dependencies/read-graph.ts';
import { Rollout } from '../../registry/services/model/rollout.ts';
import { askForChange, askOnce } from '../changes/ask-for-change.ts';
import { AskedChange, changeFields, ServicePlace } from '../changes/change-shapes.ts';
import { isAwake, nowOrThen } from '../changes/plan-order.ts';
import { requireLifecycle } from '../keep-lifecycle.ts';
import type { LifecycleOperationContext } from '../operation-context.ts';

export const restartService = defineOperation({
  id: 'restart_service',
  summary: 'Replace the instances of a service batch by batch; each goes when another serves in its place',
  input: z.strictObject({
    ...ServicePlace,
    rollout: Rollout.optional().describe('Instead of how the registration says it'),
    ...changeFields,
  }),
  output: AskedChange,
  errors: [
    'service.not-found',
    'service.not-driven',
    'service.not-running',
    'idempotency.conflict',
    'registry.conflict',
  ],
  access: 'operator',
  http: { method: 'POST', path: '/v1/services/{service}/restart', status: 202 },
  hints: { readOnly: false, destructive: false, idempotent: false, openWorld: true },
  async run(context: LifecycleOperationContext, input, caller) {
    return askOnce(context, { kind: 'restart', input, caller }, async () => {
      const { service, rollout } = input;
      const lifecycle = await requireLifecycle(context, service);
      const awake = await nowOrThen(context, new Map([[service, lifecycle]]), isAwake);
      if (!awake.has(service))
        throw new OrchestratorError(
          'service.not-running',
          `${service} does not run; start_service starts it`,
        );
      const { arrows } = await readArrows(context);
      const { count } = lifecycle;
      const waves = [[{ service, action: 'restart', from: count, to: count } as const]];
      return askForChange(context, {
        plan: { kind: 'restart', waves, rollout },
        arrows,
        asked: input,
        caller,
      });
    });
  },
});
