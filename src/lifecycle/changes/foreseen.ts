/**
 * What will be wanted of services when the changes that are open have been carried out. A plan that looks only at what is
 * wanted now is wrong by the time its turn comes: it stands in the rows behind them.
 */
import type { ServiceLifecycle } from '../../instances/model/service-lifecycle.ts';
import type { LifecycleContext } from '../context.ts';
import { applyAction } from '../model/apply-action.ts';
import type { Change } from '../model/change.ts';

export type Lifecycles = ReadonlyMap<string, ServiceLifecycle>;

/** Those that cannot be carried out leave what is wanted now: whoever plans counts on neither alone. */
export async function foreseen(
  { changes, clock }: Pick<LifecycleContext, 'changes' | 'clock'>,
  now: Lifecycles,
): Promise<Lifecycles> {
  const then = new Map(now);
  for (const change of await changes.open()) if (!change.cancelRequested) apply(then, change, clock.now());
  return then;
}

/** An action that has been applied already makes no difference when it is applied again. */
function apply(then: Map<string, ServiceLifecycle>, change: Change, nowMs: number): void {
  for (const [wave, { status, actions }] of change.waves.entries()) {
    if (status === 'DONE' || status === 'FAILED') continue;
    for (const action of actions) {
      const lifecycle = then.get(action.service);
      const after = lifecycle && applyAction(lifecycle, { change, action, wave, nowMs });
      if (after) then.set(action.service, after);
    }
  }
}
