/**
 * Does what a plan says, one resource after the other, up to the first that fails. What the manifest is about to name is
 * remembered before anything is changed: whoever comes after a crash knows what is the manifest's own, and goes on.
 */

import { isoNow } from '../base/clock.ts';
import { type Fault, OrchestratorError, toOrchestratorError } from '../base/errors.ts';
import { faultsText } from '../base/faults.ts';
import { removeService } from '../registry/services/remove-service.ts';
import { removeWorkflow } from '../workflows/change-workflow.ts';
import type { MachineFor } from '../workflows/put-workflow.ts';
import type { ManifestContext } from './context.ts';
import { manifestSteps } from './manifest-steps.ts';
import type { AppliedManifest } from './model/applied-manifest.ts';
import { nameOfResource } from './model/manifest-plan.ts';
import type { ManifestPlan } from './plan-manifest.ts';
import type { Planned } from './plan-services.ts';
import {
  type Remembered,
  rememberedAfter,
  rememberedBefore,
  remembersNothingNew,
} from './remembered-names.ts';

export interface CarriedOut {
  readonly done: readonly Planned[];
  readonly failed: { readonly resource: Planned; readonly error: OrchestratorError } | undefined;
  readonly notAttempted: readonly Planned[];
}

/** Throws `manifest.conflict`, before anything is changed, or `registry.conflict` when another one is being applied. */
export async function carryOut(
  context: ManifestContext,
  plan: ManifestPlan,
  machineFor: MachineFor,
): Promise<CarriedOut> {
  refuseConflicts(plan);
  const todo = plan.resources.filter(({ action }) => action !== 'unchanged');
  if (todo.length === 0 && remembersNothingNew(plan))
    return { done: [], failed: undefined, notAttempted: [] };
  const begun = await remember(context, rememberedBefore(plan), { plan, before: plan.applied });
  const carried = await inTurn(todo, runnerFor(context, plan, machineFor));
  await remember(context, rememberedAfter(plan, carried), { plan, before: begun });
  return carried;
}

function refuseConflicts({ resources }: ManifestPlan): void {
  const errors = resources
    .filter(({ action }) => action === 'conflict')
    .map(
      (resource): Fault => ({
        path: nameOfResource(resource),
        message:
          resource.heldBy === 'api'
            ? 'is managed by the API; remove it there, or apply with takeOver'
            : 'is managed by another manifest, that of a deployment perhaps; apply with takeOver to have it all the same',
      }),
    );
  if (errors.length > 0) throw new OrchestratorError('manifest.conflict', faultsText(errors), { errors });
}

type Run = (resource: Planned) => Promise<unknown>;

async function inTurn(todo: readonly Planned[], run: Run): Promise<CarriedOut> {
  for (const [index, resource] of todo.entries()) {
    try {
      await run(resource);
    } catch (error) {
      const failed = { resource, error: toOrchestratorError(error) };
      return { done: todo.slice(0, index), failed, notAttempted: todo.slice(index + 1) };
    }
  }
  return { done: todo, failed: undefined, notAttempted: [] };
}

function runnerFor(
  context: ManifestContext,
  { manifest, takeOver }: ManifestPlan,
  machineFor: MachineFor,
): Run {
  const steps = manifestSteps(context, manifest, { machineFor, takeOver });
  return (resource) => {
    const { kind, name, action } = resource;
    if (action === 'delete') return remove(context, resource);
    const step = steps.find((one) => one.kind === kind && one.name === name);
    return step ? step.run() : Promise.reject(new Error(`${kind} ${name} was planned, but is not named`));
  };
}

async function remove(context: ManifestContext, { kind, name, version }: Planned): Promise<unknown> {
  if (kind === 'service') return removeService(context, { name, version, managedBy: 'manifest' });
  const head = await context.workflows.head(name);
  return head?.managedBy === 'manifest' && removeWorkflow(context, { name, machineArn: head.machineArn });
}

async function remember(
  context: ManifestContext,
  named: Remembered,
  { plan, before }: { plan: ManifestPlan; before: AppliedManifest | undefined },
): Promise<AppliedManifest> {
  const revision = (before?.revision ?? 0) + 1;
  const appliedBy = plan.appliedBy === 'api' ? 'api' : (before?.appliedBy ?? 'start');
  const next = { ...named, revision, appliedBy, appliedAt: isoNow(context.clock) } as const;
  if (await context.appliedManifest.put(next, before?.revision)) return next;
  throw new OrchestratorError(
    'registry.conflict',
    'Another manifest is being applied at the same time; plan and apply again',
  );
}
