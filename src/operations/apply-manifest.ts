/**
 * The manifest of a deployment in the registry, which takes over what it names whoever managed it: CloudFormation has
 * decided. Whatever fails ends the deployment, which then applies the manifest before.
 */
import type { Manifest } from '../domain/manifest.ts';
import type { RegistryContext } from '../registry/context.ts';
import { manifestSteps } from './manifest-steps.ts';
import type { DefinitionContext, MachineFor } from './put-workflow.ts';

/** Throws what is wrong with the first workflow that is refused, with its name before the message. */
export async function applyManifest(
  context: DefinitionContext & RegistryContext,
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
