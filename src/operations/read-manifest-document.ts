/**
 * Reads the manifest that a caller sends, as an object or as YAML, whose parser is loaded by those that need it. Only the
 * caller's own variables are put into it.
 */
import { type Fault, OrchestratorError } from '../domain/errors.ts';
import { faultsText } from '../domain/faults.ts';
import { type Manifest, parseManifest } from '../domain/manifest.ts';
import { withLines } from './fault-lines.ts';
import type { YamlDocument } from './read-yaml.ts';

export interface ManifestDocument {
  readonly manifest?: Readonly<Record<string, unknown>> | undefined;
  readonly yaml?: string | undefined;
  readonly variables: Readonly<Record<string, string>>;
}

/** Of each kind: what is remembered of them, and of those before, has to fit into one item of DynamoDB. */
const mostResources = 500;

export interface ReadManifest extends Pick<YamlDocument, 'lineOf'> {
  readonly manifest: Manifest;
}

/** Throws `request.invalid` with every fault, `request.too-large` for a text that is. */
export async function readManifestDocument({
  manifest,
  yaml,
  variables,
}: ManifestDocument): Promise<ReadManifest> {
  const { value, lineOf } = await documentOf({ manifest, yaml });
  return withLines(lineOf, () => {
    refuse(tooMany(value));
    const read = parseManifest(value, variables, unset);
    refuse(definedTwice(read));
    return { manifest: read, lineOf };
  });
}

async function documentOf({
  manifest,
  yaml,
}: Pick<ManifestDocument, 'manifest' | 'yaml'>): Promise<YamlDocument> {
  if (yaml === undefined) return { value: manifest, lineOf: () => undefined };
  const { readYaml } = await import('./read-yaml.ts');
  return readYaml(yaml);
}

const unset = (name: string): string =>
  `needs the variable ${name}: give it in variables, or a default after :- in the manifest`;

function definedTwice({ workflows }: Manifest): Fault[] {
  const known = new Set<string>();
  return workflows.flatMap(({ name }, index) => {
    if (known.has(name))
      return [{ path: `workflows[${index}].name`, message: `defines ${name} a second time` }];
    known.add(name);
    return [];
  });
}

/** Before anything else: what is too much is not looked at. */
function tooMany(document: unknown): Fault[] {
  const { services, workflows } = Object(document);
  const counts = { services: Object.keys(Object(services)).length, workflows: Object(workflows).length };
  return Object.entries(counts).flatMap(([path, count]) =>
    count > mostResources ? [{ path, message: `has ${count}, and may have ${mostResources}` }] : [],
  );
}

function refuse(faults: readonly Fault[]): void {
  if (faults.length > 0) throw invalid(faults);
}

const invalid = (errors: readonly Fault[]): OrchestratorError =>
  new OrchestratorError('request.invalid', `The manifest is not valid: ${faultsText(errors)}`, { errors });
