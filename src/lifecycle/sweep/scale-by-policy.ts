/**
 * Changes the count of a service as its policy says, unless a change of it is under way: bounds, schedules, targets and
 * idleness. Every decision that changes something is kept with its reason.
 */
import { type ServiceLifecycle, wantedCount } from '../../instances/model/service-lifecycle.ts';
import type { ReconcileContext } from '../context.ts';
import { changeLifecycle } from '../keep-lifecycle.ts';
import { withDecision } from '../model/apply-action.ts';
import { liesAhead } from '../model/clock-set-back.ts';
import { canServe } from '../model/fleet-moves.ts';
import { decideCount, type ScalingDecision, type ScalingInput } from '../model/scaling-policy.ts';
import { boundsAt } from '../model/schedules.ts';
import type { ScalingMeasures } from '../model/target-demands.ts';
import type { Reconciled } from '../reconciler/reconcile-service.ts';

/** Whether it changed the count. */
export async function scaleByPolicy(
  context: ReconcileContext,
  { lifecycle, instances }: Reconciled,
): Promise<boolean> {
  if (!lifecycle || !mayScale(lifecycle)) return false;
  const serving = instances.filter((instance) => !instance.leaving && canServe(instance));
  const { service } = lifecycle;
  const measured = {
    healthy: serving.length,
    servesSinceMs: Math.min(...serving.map(({ healthySinceMs = 0 }) => healthySinceMs)),
    measures: await measuresOf(context, lifecycle),
  };
  const { count } = decide(context, lifecycle, measured);
  if (count === wantedCount(lifecycle)) return false;
  const scaled = await changeLifecycle(context, service, (known) => {
    if (!mayScale(known)) return undefined;
    const decision = decide(context, known, measured);
    return decision.count === wantedCount(known) ? undefined : decided(known, decision, context.clock.now());
  });
  context.log.info('scaled by policy', {
    service: service,
    from: wantedCount(lifecycle),
    to: wantedCount(scaled),
  });
  await record(context, lifecycle, scaled);
  return true;
}

/** After it: what was decided is kept with the service too, and is done whether or not it can be recorded. */
async function record(
  { audit }: ReconcileContext,
  { service, ...before }: ServiceLifecycle,
  after: ServiceLifecycle,
): Promise<void> {
  const decided = after.decisions.at(-1);
  if (decided?.by !== 'policy' || decided.at === before.decisions.at(-1)?.at) return;
  const { from, to, reason } = decided;
  const entry = { kind: 'decision', operation: 'scaling_policy', service, reason } as const;
  await audit?.note({ ...entry, asked: JSON.stringify({ from, to }) }, 'done');
}

/** One that is stopped keeps its count; one that sleeps is woken by a call or by its bounds. */
const mayScale = ({ desired, ended, change, waiting }: ServiceLifecycle): boolean =>
  desired === 'running' && !ended && change === undefined && waiting.length === 0;

type Measured = Pick<ScalingInput, 'healthy' | 'servesSinceMs' | 'measures'>;

/** Read only where something goes by it. */
async function measuresOf(
  { traffic }: ReconcileContext,
  { service, template: { scaling } }: ServiceLifecycle,
): Promise<ScalingMeasures> {
  const follows = scaling.target !== undefined || scaling.scaleToZeroAfterSeconds !== undefined;
  return follows ? traffic.measures(service) : {};
}

function decide(
  { clock }: ReconcileContext,
  lifecycle: ServiceLifecycle,
  measured: Measured,
): ScalingDecision {
  const { template, hold, count, lastUpAtMs, lastDownAtMs, awakeSinceMs } = lifecycle;
  const nowMs = clock.now();
  return decideCount({
    policy: template.scaling,
    nowMs,
    current: wantedCount(lifecycle),
    ...measured,
    lastUpAtMs: past(lastUpAtMs, nowMs),
    lastDownAtMs: past(lastDownAtMs, nowMs),
    awakeSinceMs,
    hold: hold && { ...hold, count: lifecycle.asleep ? 0 : count },
    scheduled: boundsAt(template.scaling, nowMs),
  });
}

/** The clock may have been set back: then nobody waits for that long. */
const past = (atMs: number | undefined, nowMs: number): number | undefined =>
  liesAhead(atMs, nowMs) ? undefined : atMs;

function decided(
  lifecycle: ServiceLifecycle,
  { count, reason }: ScalingDecision,
  nowMs: number,
): ServiceLifecycle {
  const from = wantedCount(lifecycle);
  const sleeps = count === 0;
  return {
    ...lifecycle,
    ...(sleeps ? { asleep: true, asleepSinceMs: nowMs } : { asleep: false, count }),
    ...(count > from ? { lastUpAtMs: nowMs } : { lastDownAtMs: nowMs }),
    decisions: withDecision(lifecycle, {
      at: new Date(nowMs).toISOString(),
      from,
      to: count,
      reason,
      by: 'policy',
    }),
  };
}
