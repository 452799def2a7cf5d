/** The manifest of local mode: applied at each start, over what the API manages too, since somebody wrote it down. */

import type { Log } from '../src/base/log.ts';
import { carryOut } from '../src/manifest/carry-out-plan.ts';
import type { ManifestOperationContext } from '../src/manifest/context.ts';
import type { Manifest } from '../src/manifest/model/manifest.ts';
import { nameOfResource } from '../src/manifest/model/manifest-plan.ts';
import { planManifest } from '../src/manifest/plan-manifest.ts';
import { driverWarnings } from '../src/registry/services/model/driver-warnings.ts';
import { createdMachine } from '../src/workflows/put-workflow.ts';

/** Throws what is wrong with the first resource that is refused. */
export async function applyManifestAtStart(
  context: ManifestOperationContext & { readonly log: Log },
  manifest: Manifest,
): Promise<void> {
  for (const service of manifest.services)
    for (const { path, message } of driverWarnings(service, context.driverRules))
      context.log.warn(`service ${service.name}: ${path} ${message}`, { service: service.name, path });
  const plan = await planManifest(context, manifest, { takeOver: true, appliedBy: 'start' });
  for (const { workflow, path, message } of plan.warnings)
    context.log.warn(`workflow ${workflow}: ${path} ${message}`, { workflow, path });
  const { failed } = await carryOut(context, plan, createdMachine(context));
  if (failed)
    throw new Error(`${nameOfResource(failed.resource)}: ${failed.error.message}`, { cause: failed.error });
}
