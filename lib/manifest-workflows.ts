/** The workflows of a manifest, ready to compile. What the validator rejects ends the synthesis with every fault. */
import { faultsText } from '../src/domain/faults.ts';
import { type Environment, parseManifest } from '../src/domain/manifest.ts';
import type { WorkflowDefinition } from '../src/domain/workflows/definition.ts';
import { type Known, validateWorkflow } from '../src/domain/workflows/validate.ts';

export interface ManifestSource {
  /** The parsed YAML. */
  readonly document: unknown;
  readonly env: Environment;
  readonly checkSchema: NonNullable<Known['checkSchema']>;
}

/** Throws, naming each workflow and the path of each fault; two workflows of one name are a fault too. */
export function manifestWorkflows({ document, env, checkSchema }: ManifestSource): WorkflowDefinition[] {
  const manifest = parseManifest(document, env);
  const services = new Map(manifest.services.map((service) => [service.name, service]));
  const names = new Set<string>();
  const workflows = new Set(manifest.workflows.map(({ name }) => name));
  return manifest.workflows.map((workflow) => {
    if (names.has(workflow.name)) throw new Error(`workflow ${workflow.name}: is defined twice`);
    names.add(workflow.name);
    const validation = validateWorkflow(workflow, { services, workflows, checkSchema });
    if (!validation.ok) throw new Error(`workflow ${workflow.name}: ${faultsText(validation.errors)}`);
    return validation.definition;
  });
}
