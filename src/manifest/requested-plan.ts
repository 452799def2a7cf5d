/** What plan_manifest and apply_manifest share: the document that they take, and its plan. */

import * as z from 'zod';
import type { Caller } from '../access/model/access.ts';
import { Fault, OrchestratorError } from '../base/errors.ts';
import { refuseCredential } from '../registry/services/check-credential.ts';
import { refuseDriver, refuseScaling } from '../registry/services/check-driver.ts';
import { driverWarnings } from '../registry/services/model/driver-warnings.ts';
import type { ServiceRegistration } from '../registry/services/model/service-registration.ts';
import type { ManifestOperationContext } from './context.ts';
import { errorWithLines } from './fault-lines.ts';
import type { PlannedResource } from './model/manifest-plan.ts';
import { planManifest as planOfManifest } from './plan-manifest.ts';
import { readManifestDocument } from './read-manifest-document.ts';

export const Document = z
  .strictObject({
    manifest: z
      .record(z.string(), z.unknown())
      .optional()
      .describe('services by name, and a list of workflows: what local mode loads, as JSON'),
    yaml: z
      .string()
      .min(1)
      .optional()
      .describe('The same as YAML of at most 500,000 characters, instead of manifest'),
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
export type Document = z.infer<typeof Document>;

export const Counts = z.object({
  create: z.int(),
  change: z.int(),
  delete: z.int(),
  unchanged: z.int(),
  conflict: z.int(),
});

export const Warnings = z
  .array(
    Fault.extend({
      workflow: z.string().optional().describe('The workflow in whose definition the path is'),
      service: z.string().optional().describe('The service in whose registration the path is'),
    }),
  )
  .describe('What is probably not meant so, or does nothing here');

interface Planning {
  readonly caller: Caller;
  /** Whether it is applied then: what the caller may not name is refused. */
  readonly applies: boolean;
}

export async function planOf(
  context: ManifestOperationContext,
  document: Document,
  { caller, applies }: Planning,
) {
  const { takeOver, strict } = document;
  const { manifest, lineOf } = await readManifestDocument(document);
  if (applies) for (const service of manifest.services) refuseService(context, service, caller);
  const warnings = strict ? 'refused' : 'shown';
  try {
    const plan = await planOfManifest(context, manifest, { takeOver, appliedBy: 'api', warnings });
    const ofServices = manifest.services.flatMap((service) => serviceWarnings(context, service, caller));
    return { plan, warnings: [...plan.warnings, ...ofServices] };
  } catch (error) {
    throw errorWithLines(error, lineOf);
  }
}

/** Throws what nothing could be done about, and what the caller may not name. */
function refuseService(
  { driverRules, credentialsAllowed }: ManifestOperationContext,
  service: ServiceRegistration,
  caller: Caller,
): void {
  const path = `services.${service.name}`;
  refuseDriver(driverRules, service, { caller, path });
  refuseScaling(driverRules, service, path);
  refuseCredential(credentialsAllowed, service, path);
}

/** What does nothing here, and why it would be refused to the caller. */
function serviceWarnings(
  context: ManifestOperationContext,
  service: ServiceRegistration,
  caller: Caller,
): (Fault & { service: string })[] {
  const inService = (fault: Fault) => ({ ...fault, service: service.name });
  const idle = driverWarnings(service, context.driverRules).map(inService);
  try {
    refuseService(context, service, caller);
    return idle;
  } catch (error) {
    if (!(error instanceof OrchestratorError)) throw error;
    return [
      ...idle,
      inService({ path: fieldOf(error), message: `applying it is refused: ${error.message}` }),
    ];
  }
}

export function countsOf(resources: readonly PlannedResource[]): z.infer<typeof Counts> {
  const counts = { create: 0, change: 0, delete: 0, unchanged: 0, conflict: 0 };
  for (const { action } of resources) counts[action] += 1;
  return counts;
}

/** `services.name.driver` is `driver` in its service. */
const fieldOf = ({ errors: [first] }: OrchestratorError): string => first?.path.split('.').at(-1) ?? 'driver';
