/** Makes the registry say what a manifest says. */
import * as z from 'zod';
import { Fault, MoreErrors, type OrchestratorError } from '../../base/errors.ts';
import { defineOperation } from '../../operation/operation.ts';
import { createdMachine } from '../../workflows/put-workflow.ts';
import { carryOut } from '../carry-out-plan.ts';
import type { ManifestOperationContext } from '../context.ts';
import { PlannedResource } from '../model/manifest-plan.ts';
import { countsOf, Document, planOf, Warnings } from '../requested-plan.ts';

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
  async run(context: ManifestOperationContext, document, caller) {
    const { plan, warnings } = await planOf(context, document, { caller, applies: true });
    const { done, failed, notAttempted } = await carryOut(context, plan, createdMachine(context));
    return {
      complete: failed === undefined,
      applied: [...done],
      failed: failed ? [{ ...failed.resource, ...failureOf(failed.error) }] : [],
      notAttempted: [...notAttempted],
      unchanged: countsOf(plan.resources).unchanged,
      warnings,
    };
  },
});

const failureOf = ({ code, message, errors, moreErrors }: OrchestratorError) => ({
  code,
  message,
  errors: [...errors],
  ...(moreErrors > 0 && { moreErrors }),
});
