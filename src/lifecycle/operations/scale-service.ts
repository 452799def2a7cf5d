import * as z from 'zod';
import { wholeNumber } from '../../base/bounded-number.ts';
import { OrchestratorError } from '../../base/errors.ts';
import { defineOperation } from '../../operation/operation.ts';
import { askForChange, askOnce } from '../changes/ask-for-change.ts';
import { AskedChange, changeFields, ServicePlace } from '../changes/change-shapes.ts';
import { foreseen } from '../changes/foreseen.ts';
import { requireLifecycle } from '../keep-lifecycle.ts';
import { boundsAt } from '../model/schedules.ts';
import type { LifecycleOperationContext } from '../operation-context.ts';

const Input = z
  .strictObject({
    ...ServicePlace,
    instances: wholeNumber({ from: 0, to: 1000, example: 3 }).optional().describe('How many there are to be'),
    by: z.int().min(-1000).max(1000).optional().describe('How many more, or fewer when negative'),
    clamp: z
      .boolean()
      .default(false)
      .describe('Whether the nearest allowed number is taken instead of a refusal'),
    holdSeconds: wholeNumber({ from: 0, to: 604_800, example: 3600 })
      .default(3600)
      .describe('How long no scaling policy changes the number'),
    ...changeFields,
  })
  .refine(({ instances, by }) => (instances === undefined) !== (by === undefined), {
    path: ['instances'],
    error: 'is required, or by; not both',
  })
  .meta({ examples: [{ service: 'gmail', instances: 3 }] });

export const scaleService = defineOperation({
  id: 'scale_service',
  summary: 'Change how many instances a service has, within its bounds',
  input: Input,
  output: AskedChange,
  errors: [
    'service.not-found',
    'service.not-driven',
    'scaling.out-of-bounds',
    'idempotency.conflict',
    'registry.conflict',
  ],
  access: 'operator',
  http: { method: 'POST', path: '/v1/services/{service}/scale', status: 202 },
  hints: { readOnly: false, destructive: false, idempotent: true, openWorld: true },
  async run(context: LifecycleOperationContext, input, caller) {
    return askOnce(context, { kind: 'scale', input, caller }, async () => {
      const { service, instances, by, clamp, holdSeconds } = input;
      const lifecycle = await requireLifecycle(context, service);
      const nowMs = context.clock.now();
      const { minInstances, maxInstances } = boundsAt(lifecycle.template.scaling, nowMs);
      const then = await foreseen(context, new Map([[service, lifecycle]]));
      const { asleep, count } = then.get(service) ?? lifecycle;
      const from = asleep ? 0 : count;
      const wanted = instances ?? from + (by ?? 0);
      const allowed = Math.min(maxInstances, Math.max(minInstances, wanted));
      if (allowed !== wanted && !clamp) throw outOfBounds(service, wanted, { minInstances, maxInstances });
      const waves = [[{ service, action: 'scale', from, to: allowed } as const]];
      const plan = {
        kind: 'scale',
        waves,
        holdUntilMs: nowMs + holdSeconds * 1000,
        warnings:
          lifecycle.desired === 'running'
            ? []
            : [`${service} is stopped: so many are started with start_service`],
      } as const;
      return askForChange(context, { plan, arrows: [], asked: input, caller });
    });
  },
});

const outOfBounds = (
  service: string,
  wanted: number,
  { minInstances, maxInstances }: { minInstances: number; maxInstances: number },
): OrchestratorError => {
  const message = `${service} may have ${minInstances} to ${maxInstances} instances now, not ${wanted}: set clamp for the nearest, or change its scaling`;
  return new OrchestratorError('scaling.out-of-bounds', message, {
    errors: [{ path: 'instances', message }],
  });
};
