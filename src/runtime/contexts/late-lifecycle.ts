/** What those are given that ask for changes: it is loaded with the first change that is asked for. */

import type { StepFunctions } from '../../aws/step-functions.ts';
import { late } from '../../base/late.ts';
import type { Log } from '../../base/log.ts';
import type { Wake } from '../../calling/no-instance.ts';
import type { LifecycleContext } from '../../lifecycle/context.ts';
import type { Events } from '../../monitor/events/tell-events.ts';
import { newId, sha256, systemClock } from '../clock-and-ids.ts';
import type { ChangingConfig } from '../config.ts';
import { lifecycleSettings } from './lifecycle-settings.ts';
import type { Tables } from './shared.ts';

interface Shared {
  readonly tables: Tables;
  readonly stepFunctions: StepFunctions;
  readonly events: Events;
  readonly log: Log;
}

export function lateLifecycle(
  config: ChangingConfig,
  { tables, stepFunctions, events, log }: Shared,
): LifecycleContext {
  return {
    ...lifecycleSettings(config),
    driven: late(async () =>
      (await import('../../instances/store/driven-store.ts')).createDrivenStore(tables.instances),
    ),
    changes: late(async () =>
      (await import('../../lifecycle/store/change-store.ts')).createChangeStore(tables.instances, {
        days: config.RETENTION_DAYS,
      }),
    ),
    services: late(async () =>
      (await import('../../registry/services/store/service-store.ts')).createServiceStore(tables.registry),
    ),
    stepFunctions,
    events,
    clock: systemClock,
    hash: sha256,
    newId,
    random: Math.random,
    log,
  };
}

export const lateWake =
  (context: LifecycleContext): Wake =>
  async (service, asleepSinceMs, workflowId) =>
    (await import('../../lifecycle/changes/wake-service.ts')).wakeService(context, service, {
      asleepSinceMs,
      workflowId,
    });
