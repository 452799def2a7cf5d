/** Writes what the actions of a wave want, and takes a rollout back that failed. */
import type { DrivenInstance } from '../../instances/model/driven-instance.ts';
import { type ServiceLifecycle, wantedCount } from '../../instances/model/service-lifecycle.ts';
import type { ReconcileContext } from '../context.ts';
import { changeKnownLifecycle } from '../keep-lifecycle.ts';
import { applyAction, rolledBack } from '../model/apply-action.ts';
import type { Action, Change, Wave } from '../model/change.ts';
import type { Move } from '../model/instance-step.ts';
import { write } from '../reconciler/carry-out-move.ts';
import { tellOfCount } from '../tell-of-count.ts';

/** A change writes only while it has the row of the service: a turn that comes late changes nothing. */
export async function applyWave(
  context: ReconcileContext,
  change: Change,
  { wave, index }: { readonly wave: Wave; readonly index: number },
): Promise<void> {
  for (const action of wave.actions) {
    const nowMs = context.clock.now();
    let before: ServiceLifecycle | undefined;
    const after = await changeKnownLifecycle(context, action.service, (lifecycle) => {
      before = lifecycle;
      return lifecycle.change === change.id
        ? applyAction(lifecycle, { change, action, wave: index, nowMs })
        : undefined;
    });
    if (after?.change !== change.id) continue;
    if (before && setsCount(action)) logScaled(context, change, { before, after });
    await tellOfCount(context, change, { before, after });
    if (action.instance !== undefined) await applyToInstance(context, action, action.instance);
    if (action.action === 'start') await startHeld(context, action.service);
    context.instanceNews?.changed.tell(action.service);
  }
}

const setsCount = ({ action }: Action): boolean => action === 'scale' || action === 'set-scaling';

/** Whoever starts a service means those too that were stopped one by one. */
async function startHeld(context: ReconcileContext, service: string): Promise<void> {
  const { instances } = await context.driven.ofService(service, { consistent: true });
  const held = instances.filter((instance) => instance.held && !instance.leaving);
  const action = { service, action: 'start-instance' } as const;
  await Promise.all(held.map(({ id }) => applyToInstance(context, action, id)));
}

function logScaled(
  { log }: ReconcileContext,
  { id: changeId, requestedBy: caller }: Change,
  { before, after }: { readonly before: ServiceLifecycle; readonly after: ServiceLifecycle },
): void {
  const counts = { from: wantedCount(before), to: wantedCount(after) };
  // A change that is carried out again finds its count, and a policy may leave it as it is.
  if (before.applied !== after.applied && counts.from !== counts.to)
    log.info('scaled by request', { service: after.service, ...counts, changeId, caller });
}

/** Tried again where somebody else moved the instance at the same moment. */
async function applyToInstance(context: ReconcileContext, action: Action, id: string): Promise<void> {
  for (let attempts = 0; attempts < 10; attempts++) {
    const instance = await context.driven.instance(action.service, id);
    const move = instance && moveFor(instance, action);
    if (!instance || !move || (await write(context, instance, move))) return;
  }
}

function moveFor(instance: DrivenInstance, { action }: Action): Move | undefined {
  if (action === 'stop-instance') return { patch: { held: true } };
  const anew = { held: false, exits: [], notBeforeMs: undefined };
  if (action === 'restart-instance' && instance.state === 'RUNNING')
    return { patch: anew, to: 'DRAINING', reason: 'it is restarted' };
  if (instance.state === 'QUARANTINED')
    return {
      patch: {
        ...anew,
        health: 'UNKNOWN',
        contrary: 0,
        healthySinceMs: undefined,
        ref: undefined,
        before: instance.ref ?? instance.before,
        url: undefined,
        starts: instance.starts + 1,
      },
      to: 'PENDING',
      reason: 'it was taken out of quarantine',
    };
  return { patch: anew };
}

/** Whether something was taken back. */
export async function undoWave(context: ReconcileContext, change: Change, index: number): Promise<boolean> {
  let undone = false;
  for (const { action, service } of change.waves[index]?.actions ?? []) {
    if (action !== 'rollout') continue;
    await changeKnownLifecycle(context, service, (lifecycle) => {
      const onFailure = (lifecycle.rollout ?? lifecycle.template.rollout).onFailure;
      const isOwn = lifecycle.change === change.id;
      const before = isOwn && onFailure === 'rollback' ? rolledBack(lifecycle, change) : undefined;
      undone = before !== undefined;
      return before;
    });
  }
  return undone;
}
