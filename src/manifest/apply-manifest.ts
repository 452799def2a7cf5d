/**
 * The manifest of a deployment in the registry, which takes over what it names whoever managed it: CloudFormation has
 * decided. Whatever fails ends the deployment, which then applies the manifest before.
 */

import type { DefinitionContext } from '../workflows/context.ts';
import type { MachineFor } from '../workflows/put-workflow.ts';
import { manifestSteps } from './manifest-steps.ts';
import type { Manifest } from './model/manifest.ts';

/** Throws what is wrong with the first workflow that is refused, with its name before the message. */
export async function applyManifest(
  context: DefinitionContext,
  manifest: Manifest,
  machineFor: MachineFor,
): Promise<void> {
  for (const { kind, name, run } of manifestSteps(context, manifest, { machineFor, takeOver: true })) {
    try {
      await run();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`${kind} ${name}: ${reason}`, { cause: error });
    }
  }
}
