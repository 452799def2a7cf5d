/**
 * Reads the manifest that a caller sends, as an object or as YAML, whose parser is loaded by those that need it. Only the
 * caller's own variables are put into it.
 */
import { type Fault, OrchestratorError } from '../domain/errors.ts';
import { faultsText } from '../domain/faults.ts';
import { type Manifest, parseManifest } from '../domain/manifest.ts';
import { deepestNesting, isTooDeep } from '../domain/nesting.ts';
import type { ParsedYaml } from './parse-yaml.ts';

export interface ManifestDocument {
  readonly manifest?: Readonly<Record<string, unknown>> | undefined;
  readonly yaml?: string | undefined;
  readonly variables: Readonly<Record<string, string>>;
}

/** Of each kind: what is remembered of them, and of those before, has to fit into one item of DynamoDB. */
const mostResources = 500;

/** Throws `request.invalid` with every fault. */
export async function readManifestDocument({
  manifest,
  yaml,
  variables,
}: ManifestDocument): Promise<Manifest> {
  const document = yaml === undefined ? manifest : await fromYaml(yaml);
  refuse(tooMany(document));
  const read = parseManifest(document, variables, unset);
  refuse(definedTwice(read));
  return read;
}

const unset = (name: string): string =>
  `needs the variable ${name}: give it in variables, or a default after :- in the manifest`;

async function fromYaml(text: string): Promise<unknown> {
  const { json, faults } = await parsed(text);
  if (isTooDeep(json))
    throw invalid([{ path: 'yaml', message: `is nested more than ${deepestNesting} levels deep` }]);
  if (faults.length > 0) throw invalid(faults);
  return JSON.parse(json);
}

async function parsed(text: string): Promise<ParsedYaml> {
  const { parseYaml } = await import('./parse-yaml.ts');
  try {
    return parseYaml(text);
  } catch (error) {
    const [reason = 'it cannot be read'] = (error instanceof Error ? error.message : '').split('\n');
    throw invalid([{ path: 'yaml', message: `is not YAML: ${reason.replace(/:$/, '')}` }]);
  }
}

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
