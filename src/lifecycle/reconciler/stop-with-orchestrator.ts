/**
 * Stops what runs on this machine when the orchestrator is asked to end: nobody would look after it. What is wanted stays, so
 * that it starts again with the orchestrator. One that is killed stops nothing, and finds its instances again.
 */

import { startOf } from '../../instances/driven-start.ts';
import { type DrivenInstance, mayRun } from '../../instances/model/driven-instance.ts';
import type { DriverKind } from '../../registry/services/model/driver.ts';
import type { ReconcileContext } from '../context.ts';
import { write } from './carry-out-move.ts';

const ofThisMachine: readonly DriverKind[] = ['process', 'container'];
const reason = 'the orchestrator ends';

/** Longer than most need to end; what needs longer ends without being waited for. */
const mostMs = 15_000;
const lookMs = 50;

export async function stopWithOrchestrator(context: ReconcileContext): Promise<void> {
  const names = await context.driven.services();
  const services = await Promise.all(
    names.map((name) => context.driven.ofService(name, { consistent: true })),
  );
  const running = services
    .flatMap(({ instances }) => instances)
    .filter((instance) => mayRun(instance) && ofThisMachine.includes(instance.driver.kind));
  const untilMs = context.clock.now() + mostMs;
  await Promise.all(running.map((instance) => stop(context, instance, untilMs)));
}

/** Whoever has written it at the same moment does not keep it from ending. */
async function toStopping(
  context: ReconcileContext,
  instance: DrivenInstance,
): Promise<DrivenInstance | undefined> {
  let known: DrivenInstance | undefined = instance;
  for (let attempts = 0; known && mayRun(known) && attempts < 10; attempts++) {
    if (known.state === 'STOPPING') return known;
    const written = await write(context, known, { patch: {}, to: 'STOPPING', reason });
    if (written) return written;
    known = await context.driven.instance(instance.service, instance.id);
  }
  return undefined;
}

async function stop(context: ReconcileContext, instance: DrivenInstance, untilMs: number): Promise<void> {
  const driver = context.drivers.get(instance.driver.kind);
  const stopping = await toStopping(context, instance);
  if (!driver || !stopping) return;
  await driver.stop(startOf(stopping)).catch(() => undefined);
  while (context.clock.now() < untilMs) {
    const observed = await driver.describe(startOf(stopping)).catch(() => undefined);
    if (observed && (observed.state === 'EXITED' || observed.state === 'GONE')) {
      const patch = { health: 'UNKNOWN', url: undefined } as const;
      await write(context, stopping, { patch, to: 'STOPPED', reason });
      return;
    }
    await context.wait(lookMs);
  }
}
