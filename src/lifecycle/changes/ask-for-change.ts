/**
 * What every operation that asks for a change does with its plan: show it, or take the change on. A request that repeats a
 * key is not planned again: it is answered with the change of the first, whatever has become of the services since.
 */
import type { Caller } from '../../access/model/access.ts';
import { runningOf } from '../../executions/running-executions.ts';
import type { Arrow } from '../../registry/dependencies/model/arrows.ts';
import { isWorkflow, nameOf } from '../../registry/dependencies/model/graph.ts';
import { type Affected, impactOf } from '../../registry/dependencies/model/impact.ts';
import { readArrows } from '../../registry/dependencies/read-graph.ts';
import type { Action, ChangeKind } from '../model/change.ts';
import type { LifecycleOperationContext } from '../operation-context.ts';
import { type AffectedByChange, type AskedChange, changeToShown } from './change-shapes.ts';
import { type ChangeRequest, changeOfKey, requestChange } from './request-change.ts';

export interface Plan extends Pick<ChangeRequest, 'kind' | 'holdUntilMs' | 'rollout'> {
  readonly waves: readonly (readonly Action[])[];
  /** Services that do not answer meanwhile, or any more. */
  readonly stopping?: readonly string[];
  readonly warnings?: readonly string[];
}

interface Asked {
  readonly reason?: string | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly dryRun: boolean;
  readonly timeoutSeconds: number;
}

interface Asking<Input extends Asked> {
  readonly kind: ChangeKind;
  readonly input: Input;
  readonly caller: Caller;
}

/** Throws `idempotency.conflict` when its key came with another request. */
export async function askOnce<Input extends Asked>(
  context: LifecycleOperationContext,
  { kind, input, caller }: Asking<Input>,
  ask: () => Promise<AskedChange>,
): Promise<AskedChange> {
  const { idempotencyKey, dryRun } = input;
  if (dryRun || idempotencyKey === undefined) return ask();
  const asked = { kind, caller: caller.id, idempotencyKey, asked: requestOf(input) };
  const change = await changeOfKey(context, asked);
  if (!change) return ask();
  const waves = change.waves.map(({ actions }) => actions);
  const stopping = waves.flat().filter(({ action }) => action === 'stop' || action === 'park');
  const { arrows } = await readArrows(context);
  return {
    dryRun,
    change: changeToShown(change),
    waves,
    affected: await affectedBy(
      context,
      arrows,
      stopping.map(({ service }) => service),
    ),
    warnings: [],
  };
}

/** What makes it the same request. */
const requestOf = ({ idempotencyKey: _key, dryRun: _shown, ...request }: Asked): unknown => request;

export async function askForChange(
  context: LifecycleOperationContext,
  { plan, arrows, asked, caller }: { plan: Plan; arrows: readonly Arrow[]; asked: Asked; caller: Caller },
): Promise<AskedChange> {
  const waves = plan.waves.map((actions) => [...actions]).filter((actions) => actions.length > 0);
  const answer = {
    dryRun: asked.dryRun,
    waves,
    affected: await affectedBy(context, arrows, plan.stopping ?? []),
    warnings: [...(plan.warnings ?? [])],
  };
  if (asked.dryRun || waves.length === 0) return answer;
  const { kind, holdUntilMs, rollout } = plan;
  const { reason, idempotencyKey, timeoutSeconds } = asked;
  const change = await requestChange(context, {
    kind,
    waves,
    caller: caller.id,
    reason,
    idempotencyKey,
    holdUntilMs,
    rollout,
    waveTimeoutSeconds: timeoutSeconds,
    asked: requestOf(asked),
  });
  return { ...answer, change: changeToShown(change) };
}

/** Everybody who needs a service that stops, and does not stop with it. */
async function affectedBy(
  context: LifecycleOperationContext,
  arrows: readonly Arrow[],
  stopping: readonly string[],
): Promise<AffectedByChange> {
  const all = stopping.flatMap((service) => impactOf(arrows, service));
  const others = all.filter(({ node }) => !stopping.includes(node));
  const worst = new Map<string, Affected>();
  for (const one of others) if (worst.get(one.node)?.effect !== 'stops') worst.set(one.node, one);
  const workflows = [...worst.values()].filter(({ node }) => isWorkflow(node));
  const running = await runningOf(context, workflows);
  return {
    services: [...worst.values()]
      .filter(({ node }) => !isWorkflow(node))
      .map(({ node, effect }) => ({ service: node, effect })),
    workflows: workflows.map(({ node, effect }, index) => ({
      workflow: nameOf(node),
      effect,
      ...(running[index] && { running: running[index] }),
    })),
  };
}
