/** Shows what a manifest would change in the registry. */
import * as z from 'zod';
import { defineOperation } from '../../operation/operation.ts';
import type { ManifestOperationContext } from '../context.ts';
import { describePlan } from '../model/describe-plan.ts';
import { PlannedResource } from '../model/manifest-plan.ts';
import { Counts, countsOf, Document, planOf, Warnings } from '../requested-plan.ts';

export const planManifest = defineOperation({
  id: 'plan_manifest',
  summary:
    'Show what applying a manifest would create, change, delete and leave, and where it was changed since. A manifest says everything that manifests manage: what the one that was applied before named and this one does not is deleted, and the summary of the plan says so',
  input: Document,
  output: z.object({
    counts: Counts,
    drifted: z.int().describe('How many were changed or removed since the manifest was applied last'),
    lastAppliedAt: z.string().optional().describe('ISO time; none when none was applied yet'),
    summary: z
      .string()
      .describe('In words: what would be made and changed, and what would be deleted and why'),
    resources: z.array(PlannedResource).describe('In the order in which they would be applied'),
    warnings: Warnings,
  }),
  errors: ['workflow.invalid', 'service.dependency-cycle', 'request.too-large'],
  access: 'viewer',
  http: { method: 'POST', path: '/v1/manifest/plan', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run(context: ManifestOperationContext, document, caller) {
    const { plan, warnings } = await planOf(context, document, { caller, applies: false });
    const { resources, applied } = plan;
    return {
      counts: countsOf(resources),
      drifted: resources.filter(({ drift }) => drift).length,
      ...(applied && { lastAppliedAt: applied.appliedAt }),
      summary: describePlan(resources, applied),
      resources: [...resources],
      warnings: [...warnings],
    };
  },
});
