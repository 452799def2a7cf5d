/**
 * The function that starts, stops and looks after instances: a turn of a change when a change machine asks, one service when
 * something is known to have happened to it, and everything on its schedule.
 */
import * as z from 'zod';
import { changeTurn } from '../lifecycle/changes/run-change.ts';
import { ChangeTask } from '../lifecycle/model/change-machine.ts';
import { stopWithOrchestrator } from '../lifecycle/reconciler/stop-with-orchestrator.ts';
import { type ReconcileReport, reconcileAll, settleService } from '../lifecycle/sweep/reconcile-all.ts';
import { tellLateRuns } from '../monitor/system/tell-late-runs.ts';
import type { Turn } from '../workflows/compiler/turn-machine.ts';
import { type BackgroundFunction, unattendedFunction } from './background-function.ts';
import { cadenceOf } from './cadence.ts';
import type { LifecycleConfig } from './config.ts';
import { createReconcileContext, type LifecycleFunctionContext } from './contexts/lifecycle.ts';
import { createLog } from './log.ts';

const OneService = z.strictObject({ service: z.string() });

export interface LifecycleFunction extends BackgroundFunction<Turn | ReconcileReport | undefined> {
  /** Ends what is under way, and stops the instances that run on this machine. */
  end(): Promise<void>;
}

export function createLifecycle(config: LifecycleConfig): LifecycleFunction {
  let ending = false;
  const context = createReconcileContext(config, createLog('lifecycle', config), () => ending);
  const underWay = new Set<Promise<unknown>>();
  /** By service: whether something happened to it since it was begun to be settled. */
  const settling = new Map<string, boolean>();

  const run = async (
    known: LifecycleFunctionContext,
    event: unknown,
  ): Promise<Turn | ReconcileReport | undefined> => {
    const change = ChangeTask.safeParse(event);
    if (change.success) return changeTurn(known, change.data);
    const one = OneService.safeParse(event);
    if (!one.success) return lookAtAll(known);
    await settleOnce(known, one.data.service);
    return undefined;
  };

  const lookAtAll = async (known: LifecycleFunctionContext): Promise<ReconcileReport> => {
    const report = await reconcileAll(known, known.pace.sweeping);
    if (await known.sweepMarks.ran('lifecycle', cadenceOf('lifecycle', config))) await tellLateRuns(known);
    return report;
  };

  /** Not twice at once. */
  const settleOnce = async (known: LifecycleFunctionContext, service: string): Promise<void> => {
    if (settling.has(service)) return void settling.set(service, true);
    try {
      do {
        settling.set(service, false);
        await settleService(known, service, known.pace.settling);
      } while (settling.get(service) === true && !ending);
    } finally {
      settling.delete(service);
    }
  };

  const counted = async (
    known: LifecycleFunctionContext,
    event: unknown,
  ): Promise<Turn | ReconcileReport | undefined> => {
    const running = run(known, event);
    underWay.add(running);
    return running.finally(() => underWay.delete(running));
  };

  return Object.assign(unattendedFunction(counted, context), {
    async end() {
      ending = true;
      await Promise.allSettled(underWay);
      await stopWithOrchestrator(context);
    },
  });
}
