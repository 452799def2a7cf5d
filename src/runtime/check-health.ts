/**
 * `check-health`: asks the instances that nobody here starts how they are, by its schedule. On Lambda many services are shared
 * out: the function invokes itself for each part, without waiting, so that no part takes longer than one function has.
 */
import * as z from 'zod';
import { createChangedServices } from '../monitor/health/changed-services.ts';
import { partSize, shareOut } from '../monitor/health/share-out.ts';
import { createHealthSweep, type HealthSweepReport } from '../monitor/health/sweep-health.ts';
import { tellOfServices } from '../monitor/health/tell-of-services.ts';
import { type BackgroundFunction, unattendedFunction } from './background-function.ts';
import { cadenceOf } from './cadence.ts';
import type { HealthConfig } from './config.ts';
import { createHealthContext } from './contexts/health.ts';
import { createLog } from './log.ts';

const Part = z.strictObject({
  services: z.array(z.string()),
  /** Only the instance at it, which somebody has seen failing. */
  url: z.string().optional(),
});

export interface CheckHealth extends BackgroundFunction<HealthSweepReport | undefined> {
  /** Cuts off the checks that are under way, which then say nothing, and returns when none is. */
  end(): Promise<void>;
}

export function createCheckHealth(config: HealthConfig): CheckHealth {
  let ending = false;
  const context = createHealthContext(config, createLog('check-health', config), () => ending);
  const health = createHealthSweep(context, context.sweeping);
  const changed = createChangedServices(context.clock, config.INSTANCE_NEWS);

  /** Of these services; of all when left out. */
  async function sweep(services?: readonly string[], url?: string): Promise<HealthSweepReport> {
    const report = await health.sweep(services, url);
    if (!ending) await tellOfServices(context, changed, async () => services ?? health.allNames());
    return report;
  }

  async function sweepAll(): Promise<HealthSweepReport | undefined> {
    const { checkPart } = context;
    const names = checkPart ? await health.allNames() : [];
    if (!checkPart || names.length <= partSize) return await sweep();
    await shareOut({ ...context, checkPart }, names);
    return undefined;
  }

  const run = async (event: unknown): Promise<HealthSweepReport | undefined> => {
    const part = Part.safeParse(event);
    if (part.success) return await sweep(part.data.services, part.data.url);
    const report = await sweepAll();
    await context.sweepMarks.ran('check-health', cadenceOf('check-health', config));
    return report;
  };

  return Object.assign(
    unattendedFunction((_, event) => run(event), context),
    {
      async end() {
        ending = true;
        context.cutOff();
        await health.settled();
      },
    },
  );
}
