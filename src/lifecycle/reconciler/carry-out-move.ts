/**
 * Makes one move of an instance: the record first, under the condition that nobody else has moved it, then what is asked
 * of the driver. A crash in between is seen by whoever looks next, since every call of a driver may be repeated.
 */

import { OrchestratorError } from '../../base/errors.ts';
import { startOf } from '../../instances/driven-start.ts';
import type { Observed } from '../../instances/driver.ts';
import {
  type DrivenInstance,
  type InstanceMove,
  type LifecycleState,
  mayRun,
  startToken,
} from '../../instances/model/driven-instance.ts';
import type { ReconcileContext } from '../context.ts';
import { afterExit } from '../model/exits.ts';
import type { Move, Next } from '../model/instance-step.ts';
import { type Findings, toldProblem } from '../model/problems.ts';
import { missingDriver, whyOf } from './driver-failure.ts';
import { tellOfMove, withHealthChange } from './tell-of-move.ts';

/** What came of it: the instance as it is now, or gone; whether anything was done. */
export interface Carried {
  readonly instance: DrivenInstance | undefined;
  readonly acted: boolean;
}

const mostHistory = 20;
const mostReason = 1_000;

export async function carryOutMove(
  context: ReconcileContext,
  instance: DrivenInstance,
  next: Next,
): Promise<Carried> {
  if (next === undefined) return { instance, acted: false };
  if (next === 'forget') return { instance: undefined, acted: await forget(context, instance) };
  if (next === 'stop') return stop(context, instance);
  if (next === 'start') return { instance: await start(context, instance), acted: true };
  const moved = await write(context, instance, next);
  if (!moved) return { instance, acted: true };
  if (next.ask === 'start') return { instance: await start(context, moved), acted: true };
  if (next.ask === 'stop') return { ...(await stop(context, moved)), acted: true };
  return { instance: moved, acted: true };
}

async function forget({ driven, log }: ReconcileContext, instance: DrivenInstance): Promise<boolean> {
  const forgotten = await driven.deleteInstance(instance);
  const { service, id, state } = instance;
  if (forgotten) log.info('instance removed', { service, instance: id, from: state });
  return forgotten;
}

type WriteContext = Pick<ReconcileContext, 'driven' | 'clock' | 'log' | 'instanceNews' | 'healthHistory'>;

/** Undefined when somebody else has written it. */
export async function write(
  context: WriteContext,
  instance: DrivenInstance,
  { patch, to, reason = '' }: Move,
): Promise<DrivenInstance | undefined> {
  const nowMs = context.clock.now();
  const after: DrivenInstance = {
    ...instance,
    ...patch,
    ver: instance.ver + 1,
    ...(to !== undefined && {
      state: to,
      stateSinceMs: nowMs,
      problem: undefined,
      history: withMove(instance, { at: new Date(nowMs).toISOString(), state: to, reason }),
    }),
  };
  const moved = withHealthChange(instance, after, nowMs);
  if (!(await context.driven.putInstance(moved))) return undefined;
  await tellOfMove(context, { before: instance, after: moved, reason });
  return moved;
}

export const withMove = (
  { history }: Pick<DrivenInstance, 'history'>,
  move: { at: string; state: LifecycleState; reason: string },
): InstanceMove[] => [...history, { ...move, reason: move.reason.slice(0, mostReason) }].slice(-mostHistory);

/** Where somebody else has written the record meanwhile, the instance as it was. */
async function start(context: ReconcileContext, instance: DrivenInstance): Promise<DrivenInstance> {
  const driver = context.drivers.get(instance.driver.kind);
  if (!driver) return refused(context, instance, missingDriver(instance));
  try {
    const observed = await driver.start(startOf(instance));
    return await placed(context, instance, observed);
  } catch (error) {
    if (error instanceof OrchestratorError && error.retry === 'permanent')
      return refused(context, instance, error.message);
    warn(context, instance, { what: 'an instance was not started, and is tried again', error });
    const why = `its driver fails to start it: ${whyOf(error)}`;
    return tell(context, instance, { fails: { of: 'start', why } });
  }
}

/** Where its record is to say so, the instance with its problem. */
export async function tell(
  context: ReconcileContext,
  instance: DrivenInstance,
  findings: Findings,
): Promise<DrivenInstance> {
  const patch = toldProblem(instance, findings, context.clock.now());
  return (patch && (await write(context, instance, { patch }))) ?? instance;
}

async function placed(
  context: ReconcileContext,
  instance: DrivenInstance,
  { ref, url }: Observed,
): Promise<DrivenInstance> {
  if (ref === instance.ref && url === instance.url) return tell(context, instance, { works: ['start'] });
  const problem = instance.problem?.of === 'start' ? undefined : instance.problem;
  const written = await write(context, instance, { patch: { ref, url, problem } });
  if (!written) await stopLate(context, { ...instance, ref });
  return written ?? instance;
}

/** A start that came so late that it is not wanted any more is taken back. */
async function stopLate(context: ReconcileContext, instance: DrivenInstance): Promise<void> {
  const now = await context.driven.instance(instance.service, instance.id);
  if (now && mayRun(now) && startToken(now) === startToken(instance)) return;
  await stop(context, instance);
}

/** Trying again is of no use at once: it counts as an exit. */
async function refused(
  context: ReconcileContext,
  instance: DrivenInstance,
  why: string,
): Promise<DrivenInstance> {
  const { state, reason, ...patch } = afterExit(instance, `it was refused: ${why}`, context.clock.now());
  return (await write(context, instance, { patch, to: state, reason })) ?? instance;
}

/** `acted`: whether its driver has accepted it. */
async function stop(context: ReconcileContext, instance: DrivenInstance): Promise<StopAsked> {
  if (instance.url !== undefined) context.traffic.letGo(instance.url);
  try {
    await context.drivers.get(instance.driver.kind)?.stop(startOf(instance));
    return { instance, acted: true };
  } catch (error) {
    warn(context, instance, { what: 'an instance was not stopped, and is tried again', error });
    const why = `its driver fails to end it: ${whyOf(error)}`;
    return { instance: await tell(context, instance, { fails: { of: 'stop', why } }), acted: false };
  }
}

interface StopAsked extends Carried {
  readonly instance: DrivenInstance;
}

const warn = (
  { log }: ReconcileContext,
  { service, id }: DrivenInstance,
  { what, error }: { readonly what: string; readonly error: unknown },
): void =>
  log.warn(what, {
    service: service,
    instance: id,
    error: error instanceof Error ? error.name : 'unknown',
  });
