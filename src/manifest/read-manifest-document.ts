/**
 * Reads the manifest that a caller sends, as an object or as YAML, whose parser is loaded by those that need it. Only the
 * caller's own variables are put into it.
 */
import { type Fault, OrchestratorError } from '../base/errors.ts';
import { faultsText, pathText } from '../base/faults.ts';
import { withLines } from './fault-lines.ts';
import { type Manifest, parseManifest } from './model/manifest.ts';
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

/** Values that a document in JSON may have, and keys of one map in it: what is wrong with each takes a time of its own. */
const mostValues = 200_000;
const mostKeys = 2_000;

/** Before anything else: what is too much is not looked at. */
function tooMany(document: unknown): Fault[] {
  const { services, workflows } = Object(document);
  const counts = { services: Object.keys(Object(services)).length, workflows: Object(workflows).length };
  const faults = Object.entries(counts).flatMap(([path, count]) =>
    count > mostResources ? [{ path, message: `has ${count}, and may have ${mostResources}` }] : [],
  );
  return faults.length > 0 ? faults : tooLargeIn(document);
}

/** A map or list in the document, and the way to it from its end, which becomes a text only where something is wrong. */
interface Place {
  readonly value: object;
  readonly up?: Place;
  readonly step?: string | number;
}

/** Without recursion: a document may be nested deeply. What is too much is counted, and not gone through. */
function tooLargeIn(document: unknown): Fault[] {
  const places: Place[] = isCollection(document) ? [{ value: document }] : [];
  let values = 1;
  for (const place of places) {
    const { value } = place;
    const names = Object.keys(Array.isArray(value) ? {} : value);
    const count = Array.isArray(value) ? value.length : names.length;
    if (names.length > mostKeys)
      return [{ path: pathOf(place), message: `has ${count} keys, and a map may have ${mostKeys}` }];
    values += count;
    if (values > mostValues)
      return [{ path: '', message: `has more than ${mostValues} values: make it two manifests` }];
    for (const step of Array.isArray(value) ? value.keys() : names) {
      const inner: unknown = Reflect.get(value, step);
      if (isCollection(inner)) places.push({ value: inner, up: place, step });
    }
  }
  return [];
}

const isCollection = (value: unknown): value is object => typeof value === 'object' && value !== null;

function pathOf(place: Place): string {
  const steps: (string | number)[] = [];
  for (let at: Place | undefined = place; at?.step !== undefined; at = at.up) steps.push(at.step);
  return pathText(steps.reverse());
}

function refuse(faults: readonly Fault[]): void {
  if (faults.length > 0) throw invalid(faults);
}

const invalid = (errors: readonly Fault[]): OrchestratorError =>
  new OrchestratorError('request.invalid', `The manifest is not valid: ${faultsText(errors)}`, { errors });
