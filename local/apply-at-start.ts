/** The manifest of local mode: applied at each start, over what the API manages too, since somebody wrote it down. */
import type { Manifest } from '../src/domain/manifest.ts';
import { nameOfResource } from '../src/domain/manifest-plan.ts';
import { carryOut } from '../src/operations/carry-out-plan.ts';
import type { OperationContext } from '../src/operations/context.ts';
import { planManifest } from '../src/operations/plan-manifest.ts';
import { createdMachine } from '../src/operations/put-workflow.ts';

/** Throws what is wrong with the first resource that is refused. */
export async function applyAtStart(context: OperationContext, manifest: Manifest): Promise<void> {
  const plan = await planManifest(context, manifest, { takeOver: true, appliedBy: 'start' });
  for (const { workflow, path, message } of plan.warnings)
    context.log.warn(`workflow ${workflow}: ${path} ${message}`, { workflow, path });
  const { failed } = await carryOut(context, plan, createdMachine(context));
  if (failed)
    throw new Error(`${nameOfResource(failed.resource)}: ${failed.error.message}`, { cause: failed.error });
}
