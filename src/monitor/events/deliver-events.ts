/**
 * Brings events to those who want to know, each target apart from the others: a dead one delays nobody else. Of one subject the
 * next event is sent after the one before was taken or given up. What is not taken is sent again later, at most five times
 * within about an hour, and then kept among those that were given up.
 */
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { MetricValues } from '../metrics/metric-values.ts';
import { pauseMs } from './model/attempts.ts';
import type { CloudEvent } from './model/cloud-event.ts';
import type { Outcome } from './post-event.ts';
import type { EventOutbox, KeptEvent } from './store/event-outbox.ts';

export interface DeliveryTarget {
  readonly id: string;
  /** Why nothing is sent to it; what waits for it is given up. */
  readonly disabled?: string | undefined;
  /** Events that one sending takes. */
  readonly atOnce: number;
  /** An outcome for each event, in their order. */
  readonly send: (events: readonly CloudEvent[]) => Promise<readonly Outcome[]>;
  /** It answered that it wants to be told of nothing any more; absent where that is not for it to say. */
  readonly disable?: (why: string) => Promise<void>;
}

export interface DeliverContext {
  readonly targets: () => Promise<readonly DeliveryTarget[]>;
  readonly outbox: EventOutbox;
  /** Whether others may deliver at the same time: then a lease keeps them apart. */
  readonly shared: boolean;
  /** How long one run may go on with a target, in milliseconds. */
  readonly budgetMs: number;
  /** Whether the orchestrator ends: what is cut off then has not failed. */
  readonly ending?: () => boolean;
  readonly clock: Clock;
  readonly random: () => number;
  readonly newId: () => string;
  readonly log: Log;
  /** Absent where none are written. */
  readonly metrics?: Pick<MetricValues, 'add'> | undefined;
}

/** Failures in a row after which a target is left in peace until the next run. */
const enoughFailures = 3;
const pageSize = 100;

/** To these listeners, or to all when none is named. */
export type Deliver = (only: readonly string[]) => Promise<void>;

/** Not the same target twice at once; what comes while one is being served is served at its end. */
export function createDelivery(context: DeliverContext): Deliver {
  /** By target: whether there is more to look for. */
  const serving = new Map<string, boolean>();
  const serve = async (target: DeliveryTarget): Promise<void> => {
    if (serving.has(target.id)) return void serving.set(target.id, true);
    try {
      do {
        serving.set(target.id, false);
        await serveOnce(context, target);
      } while (serving.get(target.id) === true);
    } finally {
      serving.delete(target.id);
    }
  };
  return async (only) => {
    const targets = await context.targets();
    const named = targets.filter(({ id }) => only.length === 0 || only.includes(id));
    await Promise.all(named.map((target) => guarded(context, target, () => serve(target))));
  };
}

async function guarded(
  { log }: DeliverContext,
  { id }: DeliveryTarget,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    log.error('events could not be delivered', {
      webhook: id,
      error: error instanceof Error ? error.name : 'unknown',
    });
  }
}

async function serveOnce(context: DeliverContext, target: DeliveryTarget): Promise<void> {
  const { outbox, clock, shared, budgetMs } = context;
  if (!(await anyDue(context, target))) return;
  if (!shared) return pass(context, target);
  const owner = context.newId();
  const lease = { nowMs: clock.now(), forMs: budgetMs + leaseRestMs };
  if (!(await outbox.takeLease(target.id, owner, lease))) return;
  try {
    await pass(context, target);
  } finally {
    await outbox.endLease(target.id, owner);
  }
}

/** A request that was begun at the end of the budget still ends. */
const leaseRestMs = 30_000;

async function anyDue(context: DeliverContext, target: DeliveryTarget): Promise<boolean> {
  const { events, nextCursor } = await pageOf(context, target);
  const nowMs = context.clock.now();
  return target.disabled !== undefined
    ? events.length > 0
    : nextCursor !== undefined || events.some(({ dueAtMs }) => dueAtMs <= nowMs);
}

const pageOf = ({ outbox, clock }: DeliverContext, { id }: DeliveryTarget, cursor?: string) =>
  outbox.page({ listener: id, state: 'waiting', nowMs: clock.now() }, { limit: pageSize, cursor });

/** What a pass knows of its target. */
interface Pass {
  readonly target: DeliveryTarget;
  readonly untilMs: number;
  /** Subjects whose next event has to wait. */
  readonly blocked: Set<string>;
  failuresInARow: number;
  /** Why it wants to be told of nothing any more. */
  disabled: string | undefined;
}

/** Once through all that waits, in its order. */
async function pass(context: DeliverContext, target: DeliveryTarget): Promise<void> {
  const { clock, budgetMs } = context;
  const going: Pass = {
    target,
    untilMs: clock.now() + budgetMs,
    blocked: new Set(),
    failuresInARow: 0,
    disabled: target.disabled,
  };
  let cursor: string | undefined;
  do {
    const page = await pageOf(context, target, cursor);
    await deliverPage(context, going, page.events);
    cursor = page.nextCursor;
  } while (cursor !== undefined && mayGoOn(context, going));
}

const mayGoOn = ({ clock, ending }: DeliverContext, { untilMs, failuresInARow }: Pass): boolean =>
  clock.now() < untilMs && failuresInARow < enoughFailures && ending?.() !== true;

async function deliverPage(
  context: DeliverContext,
  going: Pass,
  events: readonly KeptEvent[],
): Promise<void> {
  let left = events;
  while (left.length > 0 && mayGoOn(context, going)) {
    if (going.disabled !== undefined) return giveAllUp(context, going, left);
    const wave = nextWave(left, going, context.clock.now());
    if (wave.length === 0) return;
    await deliverWave(context, going, wave);
    left = left.filter((kept) => !wave.includes(kept));
  }
}

/** The first of each subject, where it is due; a subject whose first has to wait waits as a whole. */
function nextWave(left: readonly KeptEvent[], { target, blocked }: Pass, nowMs: number): KeptEvent[] {
  const wave: KeptEvent[] = [];
  const taken = new Set<string>();
  for (const kept of left) {
    const { subject } = kept.event;
    if (wave.length === target.atOnce) break;
    if (blocked.has(subject) || taken.has(subject)) continue;
    if (kept.dueAtMs > nowMs) blocked.add(subject);
    else {
      taken.add(subject);
      wave.push(kept);
    }
  }
  return wave;
}

async function deliverWave(context: DeliverContext, going: Pass, wave: readonly KeptEvent[]): Promise<void> {
  const outcomes = await going.target.send(wave.map(({ event }) => event));
  for (const [index, kept] of wave.entries()) {
    const outcome = outcomes[index] ?? { taken: false, why: 'nothing was answered' };
    going.failuresInARow = outcome.taken ? 0 : going.failuresInARow + 1;
    if (outcome.taken) await context.outbox.forget(going.target.id, 'waiting', kept);
    else if (context.ending?.() !== true) await recordFailure(context, going, { kept, outcome });
  }
}

interface Failed {
  readonly kept: KeptEvent;
  readonly outcome: Exclude<Outcome, { taken: true }>;
}

async function recordFailure(context: DeliverContext, going: Pass, { kept, outcome }: Failed): Promise<void> {
  const { outbox, clock, random, log } = context;
  const { target } = going;
  const attempts = kept.attempts + 1;
  const lastFailure = outcome.why.slice(0, 300);
  log.warn('an event was not taken', { webhook: target.id, event: kept.event.id, attempts });
  if (outcome.gone === true && target.disable) {
    await target.disable(lastFailure);
    going.disabled = lastFailure;
    going.failuresInARow = 0;
  }
  const pause = pauseMs({ attempts, retryAfterSeconds: outcome.retryAfterSeconds }, random());
  if (pause === undefined || going.disabled !== undefined)
    return giveUp(context, target, { kept: { ...kept, attempts }, lastFailure });
  going.blocked.add(kept.event.subject);
  await outbox.postpone(target.id, kept, { dueAtMs: clock.now() + pause, lastFailure });
}

async function giveAllUp(
  context: DeliverContext,
  { target, disabled = '' }: Pass,
  left: readonly KeptEvent[],
): Promise<void> {
  const lastFailure = `it is disabled: ${disabled}`;
  for (const kept of left) await giveUp(context, target, { kept, lastFailure });
}

async function giveUp(
  { outbox, clock, metrics }: DeliverContext,
  { id }: DeliveryTarget,
  { kept, lastFailure }: { readonly kept: KeptEvent; readonly lastFailure: string },
): Promise<void> {
  await outbox.giveUp(id, kept, { nowMs: clock.now(), lastFailure });
  metrics?.add('UndeliveredEvents', 1);
}
