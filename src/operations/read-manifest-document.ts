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
  const read = parseManifest(yaml === undefined ? manifest : await fromYaml(yaml), variables, unset);
  const faults = [...definedTwice(read), ...tooMany(read)];
  if (faults.length > 0) throw invalid(faults);
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
  const names = workflows.map(({ name }) => name);
  return names.flatMap((name, index) =>
    names.indexOf(name) === index
      ? []
      : [{ path: `workflows[${index}].name`, message: `defines ${name} a second time` }],
  );
}

const tooMany = ({ services, workflows }: Manifest): Fault[] =>
  Object.entries({ services, workflows }).flatMap(([path, named]) =>
    named.length > mostResources ? [{ path, message: `must be at most ${mostResources}` }] : [],
  );

const invalid = (errors: readonly Fault[]): OrchestratorError =>
  new OrchestratorError('request.invalid', `The manifest is not valid: ${faultsText(errors)}`, { errors });
