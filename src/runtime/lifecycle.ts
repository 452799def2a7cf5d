/**
 * The function that starts, stops and looks after instances: a turn of a change when a change machine asks, one service when
 * something is known to have happened to it, and everything on its schedule.
 */
import * as z from 'zod';
import { ChangeTask } from '../lifecycle/model/change-machine.ts';
import { type ReconcileReport, reconcileAll, settleService } from '../lifecycle/reconcile-all.ts';
import { changeTurn } from '../lifecycle/run-change.ts';
import type { Turn } from '../workflows/compiler/turn-machine.ts';
import { type BackgroundFunction, backgroundFunction } from './background-function.ts';
import type { LifecycleConfig } from './config.ts';
import { createReconcileContext } from './contexts/lifecycle.ts';
import { createLog } from './log.ts';

const OneService = z.strictObject({ service: z.string() });

export function createLifecycle(
  config: LifecycleConfig,
): BackgroundFunction<Turn | ReconcileReport | undefined> {
  const context = createReconcileContext(config, createLog('lifecycle', config));
  return backgroundFunction(async (event) => {
    const change = ChangeTask.safeParse(event);
    if (change.success) return changeTurn(context, change.data);
    const { sweeping } = context.pace;
    const one = OneService.safeParse(event);
    if (!one.success) return reconcileAll(context, sweeping);
    await settleService(context, one.data.service, sweeping);
    return undefined;
  }, context);
}
