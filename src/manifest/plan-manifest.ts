/**
 * What applying a manifest does, in the order in which it is done: services, workflows, then what is removed, the
 * other way round. Nothing is written here.
 */

import type { Checking } from '../workflows/check-definition.ts';
import type { ManifestContext } from './context.ts';
import type { AppliedBy, AppliedManifest } from './model/applied-manifest.ts';
import type { Manifest } from './model/manifest.ts';
import { type PlanContext, type Planned, planServices } from './plan-services.ts';
import { planWorkflows, type WorkflowPlanContext, type WorkflowWarning } from './plan-workflows.ts';

export interface ManifestPlan {
  readonly manifest: Manifest;
  /** What the registry said of the manifest before. */
  readonly applied: AppliedManifest | undefined;
  readonly takeOver: boolean;
  readonly removesOmitted: boolean;
  readonly appliedBy: AppliedBy;
  readonly resources: readonly Planned[];
  readonly warnings: readonly WorkflowWarning[];
}

/**
 * A start of local mode removesOmitted only what starts have named: what was applied through the API stays over restarts.
 * Throws `workflow.invalid` with the path of each fault of each workflow.
 */
export async function planManifest(
  context: PlanContext & WorkflowPlanContext & Pick<ManifestContext, 'appliedManifest'>,
  manifest: Manifest,
  {
    takeOver,
    appliedBy,
    warnings = 'shown',
  }: Pick<ManifestPlan, 'takeOver' | 'appliedBy'> & Pick<Checking, 'warnings'>,
): Promise<ManifestPlan> {
  const applied = await context.appliedManifest.get();
  const removesOmitted = appliedBy === 'api' || applied?.appliedBy !== 'api';
  const planning = { applied, takeOver, removesOmitted };
  const services = await planServices(context, manifest.services, planning);
  const workflows = await planWorkflows(context, manifest, {
    ...planning,
    records: services.records,
    warnings,
  });
  const resources = [...services.puts, ...workflows.puts, ...workflows.deletions, ...services.deletions];
  return { manifest, ...planning, appliedBy, resources, warnings: workflows.warnings };
}
