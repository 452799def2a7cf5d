/**
 * What a manifest deploys: its services and workflows, ready to compile, and the workflow of the smoke check. What
 * the validator rejects ends the synthesis with every fault.
 */
import type { Fault } from '../src/base/errors.ts';
import { faultsText } from '../src/base/faults.ts';
import { type Environment, type Manifest, parseManifest } from '../src/manifest/model/manifest.ts';
import { type Known, validateWorkflow } from '../src/workflows/compiler/validate.ts';
import type { WorkflowDefinition } from '../src/workflows/definition/definition.ts';
import { smokeWorkflow } from './constructs/smoke-check.ts';

export interface ManifestSource {
  /** The parsed YAML. */
  readonly document: unknown;
  readonly env: Environment;
  readonly checkSchema: NonNullable<Known['checkSchema']>;
  /** The line of what stands at a path of the document. */
  readonly lineOf?: ((path: string) => number | undefined) | undefined;
}

export interface DeployedManifest {
  readonly manifest: Manifest;
  /** The manifest's workflows with every default filled in. */
  readonly workflows: WorkflowDefinition[];
}

/** Throws, naming each workflow and the path of each fault; two workflows of one name are a fault too. */
export function deployedManifest({ document, env, checkSchema, lineOf }: ManifestSource): DeployedManifest {
  const written = parseManifest(document, env);
  const manifest = { ...written, workflows: [...written.workflows, smokeWorkflow] };
  const services = new Map(manifest.services.map((service) => [service.name, service]));
  const names = new Set<string>();
  const known = new Set(manifest.workflows.map(({ name }) => name));
  const workflows = manifest.workflows.map((workflow, index) => {
    const placed = (fault: Fault): Fault => withLine(fault, lineOf?.(`workflows[${index}].${fault.path}`));
    if (names.has(workflow.name)) throw twice(workflow.name, placed);
    names.add(workflow.name);
    const validation = validateWorkflow(workflow, { services, workflows: known, checkSchema });
    if (!validation.ok)
      throw new Error(`workflow ${workflow.name}: ${faultsText(validation.errors.map(placed))}`);
    return validation.definition;
  });
  return { manifest, workflows };
}

const withLine = (fault: Fault, line: number | undefined): Fault =>
  line === undefined ? fault : { ...fault, message: `${fault.message} (line ${line})` };

const twice = (name: string, placed: (fault: Fault) => Fault): Error =>
  new Error(`workflow ${name}: ${placed({ path: 'name', message: definedTwice(name) }).message}`);

const definedTwice = (name: string): string =>
  name === smokeWorkflow.name
    ? 'has the name of a workflow that every deployment brings'
    : 'is defined twice';
