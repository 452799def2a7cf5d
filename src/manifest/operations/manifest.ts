/** Shows what a manifest would change in the registry, and changes it. */
import * as z from 'zod';
import { Fault, MoreErrors, type OrchestratorError } from '../../base/errors.ts';
import { defineOperation } from '../../operation/operation.ts';
import { createdMachine } from '../../workflows/put-workflow.ts';
import { carryOut } from '../carry-out-plan.ts';
import type { ManifestContext } from '../context.ts';
import { placed } from '../fault-lines.ts';
import { PlannedResource } from '../model/manifest-plan.ts';
import { planInWords } from '../model/manifest-words.ts';
import { planManifest as planOfManifest } from '../plan-manifest.ts';
import { readManifestDocument } from '../read-manifest-document.ts';

const Document = z
  .strictObject({
    manifest: z
      .record(z.string(), z.unknown())
      .optional()
      .describe('services by name, and a list of workflows: what local mode loads, as JSON'),
    yaml: z
      .string()
      .min(1)
      .optional()
      .describe('The same as YAML of at most 1,000,000 characters, instead of manifest'),
    variables: z
      .record(
        z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'must be A-Z, 0-9 and _, and begin with a letter'),
        z.string().max(4096),
      )
      .default({})
      .describe('Values of the variables in it; the environment of the server is not used'),
    takeOver: z
      .boolean()
      .default(false)
      .describe(
        'Whether it takes over what the API or another manifest manages, which is a conflict otherwise',
      ),
    strict: z
      .boolean()
      .default(false)
      .describe('Whether it is refused for the warnings of its workflows too'),
  })
  .refine(({ manifest, yaml }) => (manifest === undefined) !== (yaml === undefined), {
    path: ['manifest'],
    error: 'either it or yaml has to be given, and not both',
  });
type Document = z.infer<typeof Document>;

const Counts = z.object({
  create: z.int(),
  change: z.int(),
  delete: z.int(),
  unchanged: z.int(),
  conflict: z.int(),
});

const Warnings = z
  .array(Fault.extend({ workflow: z.string() }))
  .describe('What is probably not meant so, each with its workflow and the path in its definition');

async function planOf(context: ManifestContext, document: Document) {
  const { takeOver, strict } = document;
  const { manifest, lineOf } = await readManifestDocument(document);
  const warnings = strict ? 'refused' : 'shown';
  try {
    return await planOfManifest(context, manifest, { takeOver, appliedBy: 'api', warnings });
  } catch (error) {
    throw placed(error, lineOf);
  }
}

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
  async run(context: ManifestContext, document) {
    const { resources, applied, warnings } = await planOf(context, document);
    return {
      counts: countsOf(resources),
      drifted: resources.filter(({ drift }) => drift).length,
      ...(applied && { lastAppliedAt: applied.appliedAt }),
      summary: planInWords(resources, applied),
      resources: [...resources],
      warnings: [...warnings],
    };
  },
});

function countsOf(resources: readonly PlannedResource[]): z.infer<typeof Counts> {
  const counts = { create: 0, change: 0, delete: 0, unchanged: 0, conflict: 0 };
  for (const { action } of resources) counts[action] += 1;
  return counts;
}

const Resource = PlannedResource.pick({ kind: true, name: true, version: true, action: true });
const Failed = Resource.extend({
  code: z.string(),
  message: z.string(),
  errors: z.array(Fault),
  moreErrors: MoreErrors,
});

export const applyManifest = defineOperation({
  id: 'apply_manifest',
  summary:
    'Make the registry say what a manifest says; the same again changes nothing. What the manifest that was applied before named and this one does not is DELETED: services, and workflows with them. Look at the summary of plan_manifest first',
  input: Document,
  output: z.object({
    complete: z.boolean().describe('Whether everything was done; if not, apply it again once it can be'),
    applied: z.array(Resource),
    failed: z.array(Failed).describe('What stopped it'),
    notAttempted: z.array(Resource).describe('What would have come after that'),
    unchanged: z.int(),
    warnings: Warnings,
  }),
  errors: [
    'workflow.invalid',
    'service.dependency-cycle',
    'request.too-large',
    'manifest.conflict',
    'registry.conflict',
  ],
  access: 'operator',
  http: {
    method: 'POST',
    path: '/v1/manifest/apply',
    status: { all: [200, 207], of: ({ complete }) => (complete ? 200 : 207) },
  },
  hints: { readOnly: false, destructive: true, idempotent: true, openWorld: true },
  async run(context: ManifestContext, document) {
    const plan = await planOf(context, document);
    const { done, failed, notAttempted } = await carryOut(context, plan, createdMachine(context));
    return {
      complete: failed === undefined,
      applied: [...done],
      failed: failed ? [{ ...failed.resource, ...failureOf(failed.error) }] : [],
      notAttempted: [...notAttempted],
      unchanged: countsOf(plan.resources).unchanged,
      warnings: [...plan.warnings],
    };
  },
});

const failureOf = ({ code, message, errors, moreErrors }: OrchestratorError) => ({
  code,
  message,
  errors: [...errors],
  ...(moreErrors > 0 && { moreErrors }),
});
