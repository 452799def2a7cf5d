/**
 * Does what a plan says, one resource after the other, up to the first that fails. What the manifest is about to name is
 * remembered before anything is changed: whoever comes after a crash knows what is the manifest's own, and goes on.
 */
import type { AppliedManifest } from '../domain/applied-manifest.ts';
import { isoNow } from '../domain/clock.ts';
import { type Fault, OrchestratorError, toOrchestratorError } from '../domain/errors.ts';
import { faultsText } from '../domain/faults.ts';
import { nameOfResource } from '../domain/manifest-plan.ts';
import { removeWorkflow } from '../registry/change-workflow.ts';
import { removeService } from '../registry/remove-service.ts';
import type { OperationContext } from './context.ts';
import { manifestSteps } from './manifest-steps.ts';
import { isRemembered, type Named, namedAtBegin, namedAtEnd } from './named-by-manifest.ts';
import type { ManifestPlan } from './plan-manifest.ts';
import type { Planned } from './plan-services.ts';
import type { MachineFor } from './put-workflow.ts';

export interface CarriedOut {
  readonly done: readonly Planned[];
  readonly failed: { readonly resource: Planned; readonly error: OrchestratorError } | undefined;
  readonly notAttempted: readonly Planned[];
}

/** Throws `manifest.conflict`, before anything is changed, or `registry.conflict` when another one is being applied. */
export async function carryOut(
  context: OperationContext,
  plan: ManifestPlan,
  machineFor: MachineFor,
): Promise<CarriedOut> {
  refuseConflicts(plan);
  const todo = plan.resources.filter(({ action }) => action !== 'unchanged');
  if (todo.length === 0 && isRemembered(plan)) return { done: [], failed: undefined, notAttempted: [] };
  const begun = await remember(context, namedAtBegin(plan), { plan, before: plan.applied });
  const carried = await inTurn(todo, runnerFor(context, plan, machineFor));
  await remember(context, namedAtEnd(plan, carried), { plan, before: begun });
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
  context: OperationContext,
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

async function remove(context: OperationContext, { kind, name, version }: Planned): Promise<unknown> {
  if (kind === 'service') return removeService(context, { name, version, managedBy: 'manifest' });
  const head = await context.workflows.head(name);
  return head?.managedBy === 'manifest' && removeWorkflow(context, { name, machineArn: head.machineArn });
}

async function remember(
  context: OperationContext,
  named: Named,
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
