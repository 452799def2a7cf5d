/** Whether what a service requires is there, so that its instances may start. */
import type { ServiceLifecycle } from '../../instances/model/service-lifecycle.ts';
import type { ReconcileContext } from '../context.ts';
import { changeLifecycle, keptLifecycle } from '../keep-lifecycle.ts';
import { awake } from '../model/apply-action.ts';
import { canServe } from '../model/fleet-moves.ts';

/**
 * The required service that starts here and has no healthy instance yet. One that sleeps is woken; one that was stopped on
 * purpose, or that nothing starts here, keeps nobody waiting.
 */
export async function missingRequired(
  context: ReconcileContext,
  { template }: ServiceLifecycle,
): Promise<string | undefined> {
  for (const name of template.requires) {
    const known = await context.driven.ofService(name, { consistent: true });
    // Nobody may have looked at it yet: it is on its way all the same.
    const lifecycle = await keptLifecycle(context, known);
    if (!lifecycle || lifecycle.ended || lifecycle.desired === 'stopped' || known.instances.some(canServe))
      continue;
    if (lifecycle.asleep) {
      await changeLifecycle(context, name, (one) =>
        one.asleep ? awake(one, context.clock.now()) : undefined,
      );
      context.nudge?.(name);
    }
    return name;
  }
  return undefined;
}
