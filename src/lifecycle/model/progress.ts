/** How far an action is, from the instances as they are recorded. */
import type { DrivenInstance } from '../../instances/model/driven-instance.ts';
import { type ServiceLifecycle, wantedCount } from '../../instances/model/service-lifecycle.ts';
import type { Action } from './change.ts';
import { canServe } from './fleet-moves.ts';
import { instancesFor } from './template.ts';

export interface ServiceState {
  readonly lifecycle: ServiceLifecycle;
  readonly instances: readonly DrivenInstance[];
}

export type Progress =
  | { readonly status: 'done' }
  | { readonly status: 'under way' | 'failed'; readonly why: string };

const done: Progress = { status: 'done' };
const underWay = (why: string): Progress => ({ status: 'under way', why });
const failed = (why: string): Progress => ({ status: 'failed', why });

export function progressOf(action: Action, state: ServiceState): Progress {
  if (state.lifecycle.ended && !ends(action)) return progressWithout(action);
  if (action.instance !== undefined) return ofInstance(action.instance, action, state);
  if (isPolicyAlone(action)) return done;
  return wantedCount(state.lifecycle) === 0 ? stopping(state) : running(action, state);
}

/** A policy that leaves the number as it is waits for nothing that goes on otherwise. */
const isPolicyAlone = ({ action, from, to }: Action): boolean => action === 'set-scaling' && from === to;

/** Of a service that nothing starts or stops any more. */
export const progressWithout = (action: Action): Progress =>
  ends(action) ? done : failed(`${action.service} is not registered any more, or has no driver`);

const ends = ({ action }: Action): boolean => action === 'stop' || action === 'park';

/** Where it is, since when that is so, and what keeps it there. */
const stateText = ({ id, state, history, problem }: DrivenInstance): string =>
  [
    `${id} is ${state}`,
    ...(history.length > 0 ? [`: ${history.at(-1)?.reason}`] : []),
    ...(problem ? [` (${problem.why})`] : []),
  ].join('');

function stopping({ instances }: ServiceState): Progress {
  const left = instances.filter(({ state }) => state !== 'STOPPED');
  return left.length === 0 ? done : underWay(left.map(stateText).join('; '));
}

/** A new one that had all the time to become healthy: what it is made of is not to take the place of what serves. */
const neverServed = (instance: DrivenInstance, { revision }: ServiceLifecycle): boolean =>
  instance.revision === revision && !canServe(instance) && instance.exits.at(-1)?.neverHealthy === true;

function running(action: Action, { lifecycle, instances }: ServiceState): Progress {
  const counted = instances.filter(({ leaving, held }) => !leaving && !held);
  const given = counted.find(({ state }) => state === 'QUARANTINED');
  if (given) return failed(stateText(given));
  const sick = action.action === 'rollout' && counted.find((instance) => neverServed(instance, lifecycle));
  if (sick) return failed(`${sick.id}: ${sick.exits.at(-1)?.how}`);
  const ready = counted.filter((instance) => instance.revision === lifecycle.revision && canServe(instance));
  const held = instances.filter(({ leaving, held }) => !leaving && held).length;
  const count = instancesFor(lifecycle.count, lifecycle.template);
  const missing = count - held - ready.length;
  const others = instances.filter(
    (instance) => instance.leaving || (!instance.held && !ready.includes(instance)),
  );
  if (missing <= 0 && others.length === 0) return done;
  if (others.length === 0) return underWay(`${missing} of ${count} instances are missing`);
  const waitedFor = others.filter((instance) => !canServe(instance));
  return underWay((waitedFor.length > 0 ? waitedFor : others).map(stateText).join('; '));
}

function ofInstance(id: string, { action }: Action, { instances }: ServiceState): Progress {
  const instance = instances.find((one) => one.id === id);
  if (!instance) return failed(`${id} is gone`);
  if (action === 'stop-instance') return instance.state === 'STOPPED' ? done : underWay(stateText(instance));
  if (instance.state === 'QUARANTINED') return failed(stateText(instance));
  return canServe(instance) ? done : underWay(stateText(instance));
}
