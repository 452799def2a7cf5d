/**
 * Takes a change on: it is written, then it stands in the row of each of its services, then a state machine carries it out.
 * A crash in between loses nothing: whoever sweeps finds it open and starts it under the same name.
 */

import { canonicalJson } from '../../base/canonical-json.ts';
import { isoNow } from '../../base/clock.ts';
import { OrchestratorError } from '../../base/errors.ts';
import { writeAttempts } from '../../base/write-attempts.ts';
import type { ServiceLifecycle } from '../../instances/model/service-lifecycle.ts';
import type { Rollout } from '../../registry/services/model/rollout.ts';
import type { LifecycleContext } from '../context.ts';
import { changeLifecycle } from '../keep-lifecycle.ts';
import { type Action, type Change, type ChangeKind, hasEnded, replaces } from '../model/change.ts';
import { putChange } from '../tell-events.ts';

export interface ChangeRequest {
  readonly kind: ChangeKind;
  readonly waves: readonly (readonly Action[])[];
  readonly caller: string;
  /** The execution that it serves. */
  readonly workflowId?: string | undefined;
  readonly reason?: string | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly holdUntilMs?: number | undefined;
  readonly rollout?: Rollout | undefined;
  readonly waveTimeoutSeconds: number;
  /** What was asked for, which is the same when it is asked again; absent: a change of that kind of the same services. */
  readonly asked?: unknown;
}

/** Throws `idempotency.conflict` when the key came with another request. */
export async function requestChange(context: LifecycleContext, request: ChangeRequest): Promise<Change> {
  const change = newChange(context, request);
  if (!(await context.changes.put(change))) return earlierChange(context, change);
  let isFirst: boolean;
  try {
    isFirst = await joinRows(context, change);
  } catch (error) {
    // Whoever asked is told that it was not taken on, so it may not happen after all.
    await giveUp(context, change.id, 'it could not be taken on');
    throw error;
  }
  const { id: changeId, kind, services, requestedBy: caller, workflowId } = change;
  context.log.info('change requested', { changeId, kind, services, caller, workflowId });
  if (isFirst) await startChange(context, change);
  return change;
}

/** The same key of the same caller gives the same id. */
function newChange(context: LifecycleContext, request: ChangeRequest): Change {
  const { kind, waves, caller, reason, idempotencyKey, waveTimeoutSeconds } = request;
  const services = [...new Set(waves.flat().map(({ service }) => service))].sort();
  return {
    id: idempotencyKey === undefined ? context.newId() : changeIdOf(context, { caller, idempotencyKey }),
    kind,
    status: 'WAITING',
    services,
    waves: waves.map((actions) => ({ actions: [...actions], status: 'PENDING' })),
    ...(request.holdUntilMs !== undefined && { holdUntilMs: request.holdUntilMs }),
    ...(request.rollout && { rollout: request.rollout }),
    ...(reason !== undefined && { reason }),
    requestedBy: caller,
    ...(request.workflowId !== undefined && { workflowId: request.workflowId }),
    requestedAt: isoNow(context.clock),
    waveTimeoutSeconds,
    requestHash: requestHashOf(context, { kind, asked: request.asked ?? services }),
    ver: 1,
  };
}

/** Under which a key of a caller is found again. */
export const changeIdOf = (
  { hash }: Pick<LifecycleContext, 'hash'>,
  { caller, idempotencyKey }: { readonly caller: string; readonly idempotencyKey: string },
): string => hash(canonicalJson([caller, 'change', idempotencyKey])).slice(0, 32);

/** The plan is no part of it: for the same request it may be another one by now. */
const requestHashOf = (
  { hash }: Pick<LifecycleContext, 'hash'>,
  { kind, asked }: { readonly kind: ChangeKind; readonly asked: unknown },
): string => hash(canonicalJson({ kind, asked }));

interface AskedBefore {
  readonly kind: ChangeKind;
  readonly caller: string;
  readonly idempotencyKey: string;
  readonly asked: unknown;
}

/** The change that the key asked for; undefined when it is new. Throws `idempotency.conflict` as `requestChange` does. */
export async function changeOfKey(
  context: LifecycleContext,
  request: AskedBefore,
): Promise<Change | undefined> {
  const id = changeIdOf(context, request);
  const [known, cancel] = await Promise.all([context.changes.get(id), context.changes.cancelOfKey(id)]);
  if (cancel !== undefined) throw conflictOfKey();
  return known && sameRequest(known, requestHashOf(context, request));
}

async function earlierChange({ changes }: LifecycleContext, { id, requestHash }: Change): Promise<Change> {
  return sameRequest(await changes.get(id), requestHash);
}

function sameRequest(earlier: Change | undefined, requestHash: string): Change {
  if (earlier?.requestHash === requestHash) return earlier;
  throw conflictOfKey();
}

export const conflictOfKey = (): OrchestratorError =>
  new OrchestratorError(
    'idempotency.conflict',
    'This idempotency key asked for another change; use a new key, or repeat the same request',
  );

/** Whether no other change of any of its services is before it. */
async function joinRows(context: LifecycleContext, change: Change): Promise<boolean> {
  let isFirst = true;
  for (const service of change.services) {
    const joined = await changeLifecycle(context, service, (known) => inRow(known, change));
    const lifecycle = await replaceWaiting(context, joined, change);
    isFirst &&= lifecycle.change === undefined && lifecycle.waiting[0]?.id === change.id;
  }
  return isFirst;
}

function inRow(lifecycle: ServiceLifecycle, { id, kind, services }: Change): ServiceLifecycle | undefined {
  if (lifecycle.change === id || lifecycle.waiting.some((one) => one.id === id)) return undefined;
  return { ...lifecycle, waiting: [...lifecycle.waiting, { id, kind, alone: services.length === 1 }] };
}

/** Ends those that wait before it and that it makes pointless; first them, then their place: a crash brings none back. */
async function replaceWaiting(
  context: LifecycleContext,
  lifecycle: ServiceLifecycle,
  { id, kind, services }: Change,
): Promise<ServiceLifecycle> {
  const place = lifecycle.waiting.findIndex((one) => one.id === id);
  const replaced = lifecycle.waiting
    .slice(0, Math.max(0, place))
    .filter((one) => one.alone && services.length === 1 && replaces(kind, one.kind));
  if (replaced.length === 0) return lifecycle;
  const given = await Promise.all(
    replaced.map(async (one) =>
      (await giveUp(context, one.id, `the change ${id} (${kind}) took its place`)) ? [one.id] : [],
    ),
  );
  return changeLifecycle(context, lifecycle.service, (known) => ({
    ...known,
    waiting: known.waiting.filter((one) => !given.flat().includes(one.id)),
  }));
}

/** Ends one that waits; false when it does not wait any more. */
async function giveUp(context: LifecycleContext, id: string, why: string): Promise<boolean> {
  for await (const _attempt of writeAttempts(context)) {
    const change = await context.changes.get(id);
    if (change?.status !== 'WAITING') return false;
    const given = { ...change, ver: change.ver + 1, endedAt: isoNow(context.clock), why };
    if (!(await putChange(context, { ...given, status: 'CANCELLED' }))) continue;
    const { kind, services, workflowId } = change;
    context.log.info('change ended', { changeId: id, kind, services, status: 'CANCELLED', workflowId });
    return true;
  }
  return false;
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
    const lifecycle = await changeLifecycle(context, service, (one) => outOfRow(one, change.id)).catch(
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

export function outOfRow(lifecycle: ServiceLifecycle, id: string): ServiceLifecycle | undefined {
  const { change, waiting } = lifecycle;
  if (change !== id && !waiting.some((one) => one.id === id)) return undefined;
  return {
    ...lifecycle,
    change: change === id ? undefined : change,
    waiting: waiting.filter((one) => one.id !== id),
    rollout: change === id ? undefined : lifecycle.rollout,
  };
}
