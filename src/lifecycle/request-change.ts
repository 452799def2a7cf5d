/**
 * Takes a change on: it is written, then it stands in the row of each of its services, then a state machine carries it out.
 * A crash in between loses nothing: whoever sweeps finds it open and starts it under the same name.
 */

import { canonicalJson } from '../base/canonical-json.ts';
import { isoNow } from '../base/clock.ts';
import { OrchestratorError } from '../base/errors.ts';
import type { ServiceLifecycle } from '../instances/model/service-lifecycle.ts';
import type { Rollout } from '../registry/services/model/rollout.ts';
import type { LifecycleContext } from './context.ts';
import { changeLifecycle } from './keep-lifecycle.ts';
import { type Action, type Change, type ChangeKind, hasEnded, replaces } from './model/change.ts';

export interface ChangeRequest {
  readonly kind: ChangeKind;
  readonly waves: readonly (readonly Action[])[];
  readonly caller: string;
  readonly reason?: string | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly holdUntilMs?: number | undefined;
  readonly rollout?: Rollout | undefined;
  readonly waveTimeoutSeconds: number;
}

/** Throws `idempotency.conflict` when the key came with another request. */
export async function requestChange(context: LifecycleContext, request: ChangeRequest): Promise<Change> {
  const change = newChange(context, request);
  if (!(await context.changes.put(change))) return earlierChange(context, change);
  const isFirst = await joinRows(context, change);
  if (isFirst) await startChange(context, change);
  return change;
}

/** The same key of the same caller gives the same id. */
function newChange(context: LifecycleContext, request: ChangeRequest): Change {
  const { kind, waves, caller, reason, idempotencyKey, waveTimeoutSeconds } = request;
  const services = [...new Set(waves.flat().map(({ service }) => service))].sort();
  const requestHash = context.hash(canonicalJson({ kind, waves, reason }));
  return {
    id:
      idempotencyKey === undefined
        ? context.newId()
        : context.hash(canonicalJson([caller, 'change', idempotencyKey])).slice(0, 32),
    kind,
    status: 'WAITING',
    services,
    waves: waves.map((actions) => ({ actions: [...actions], status: 'PENDING' })),
    ...(request.holdUntilMs !== undefined && { holdUntilMs: request.holdUntilMs }),
    ...(request.rollout && { rollout: request.rollout }),
    ...(reason !== undefined && { reason }),
    requestedBy: caller,
    requestedAt: isoNow(context.clock),
    waveTimeoutSeconds,
    requestHash,
    ver: 1,
  };
}

async function earlierChange({ changes }: LifecycleContext, { id, kind, services }: Change): Promise<Change> {
  const earlier = await changes.get(id);
  if (earlier && earlier.kind === kind && canonicalJson(earlier.services) === canonicalJson(services))
    return earlier;
  throw new OrchestratorError(
    'idempotency.conflict',
    'This idempotency key asked for another change; use a new key, or repeat the same request',
  );
}

/** Whether no other change of any of its services is before it. */
async function joinRows(context: LifecycleContext, change: Change): Promise<boolean> {
  let isFirst = true;
  for (const service of change.services) {
    const replaced: string[] = [];
    const lifecycle = await changeLifecycle(context, service, (known) => {
      replaced.length = 0;
      return inRow(known, change, replaced);
    });
    await Promise.all(replaced.map((id) => giveUp(context, id, change)));
    isFirst &&= lifecycle.change === undefined && lifecycle.waiting[0]?.id === change.id;
  }
  return isFirst;
}

function inRow(
  lifecycle: ServiceLifecycle,
  { id, kind, services }: Change,
  replaced: string[],
): ServiceLifecycle | undefined {
  if (lifecycle.change === id || lifecycle.waiting.some((one) => one.id === id)) return undefined;
  const waiting = lifecycle.waiting.filter((one) => {
    const gone = one.alone && services.length === 1 && replaces(kind, one.kind);
    if (gone) replaced.push(one.id);
    return !gone;
  });
  return { ...lifecycle, waiting: [...waiting, { id, kind, alone: services.length === 1 }] };
}

/** One that waits is ended, because a newer one makes it pointless. */
async function giveUp(context: LifecycleContext, id: string, newer: Change): Promise<void> {
  const change = await context.changes.get(id);
  if (change?.status !== 'WAITING') return;
  await context.changes.put({
    ...change,
    ver: change.ver + 1,
    status: 'CANCELLED',
    endedAt: isoNow(context.clock),
    why: `the change ${newer.id} (${newer.kind}) took its place`,
  });
}

/** Under the name of the change, so that it is started once; a later generation is another execution. */
export const startChange = (
  { stepFunctions, changeMachineArn }: Pick<LifecycleContext, 'stepFunctions' | 'changeMachineArn'>,
  { id }: Pick<Change, 'id'>,
  generation = 0,
): Promise<void> =>
  stepFunctions.start(changeMachineArn, generation === 0 ? id : `${id}-${generation}`, { changeId: id });

/** Leaves the rows of its services, and starts the changes that were behind it. */
export async function leaveRows(context: LifecycleContext, change: Change): Promise<void> {
  const next = new Set<string>();
  for (const service of change.services) {
    const known = await context.driven.lifecycle(service);
    if (!known) continue;
    const lifecycle = await changeLifecycle(context, service, (one) => outOfRow(one, change)).catch(
      () => known,
    );
    const [first] = lifecycle.waiting;
    if (first && lifecycle.change === undefined) next.add(first.id);
  }
  for (const id of next) {
    const waiting = await context.changes.get(id);
    if (waiting && !hasEnded(waiting)) await startChange(context, waiting);
  }
}

function outOfRow(lifecycle: ServiceLifecycle, { id }: Change): ServiceLifecycle | undefined {
  const { change, waiting } = lifecycle;
  if (change !== id && !waiting.some((one) => one.id === id)) return undefined;
  return {
    ...lifecycle,
    change: change === id ? undefined : change,
    waiting: waiting.filter((one) => one.id !== id),
    rollout: change === id ? undefined : lifecycle.rollout,
  };
}
