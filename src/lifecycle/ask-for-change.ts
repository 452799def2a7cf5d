/** What every operation that asks for a change does with its plan: show it, or take the change on. */
import type { Caller } from '../access/model/access.ts';
import { runningOf } from '../executions/running-executions.ts';
import type { Arrow } from '../registry/dependencies/model/arrows.ts';
import { isWorkflow, nameOf } from '../registry/dependencies/model/graph.ts';
import { type Affected, impactOf } from '../registry/dependencies/model/impact.ts';
import { type AffectedByChange, type AskedChange, changeToShown } from './change-shapes.ts';
import type { Action } from './model/change.ts';
import type { LifecycleOperationContext } from './operations/context.ts';
import { type ChangeRequest, requestChange } from './request-change.ts';

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
