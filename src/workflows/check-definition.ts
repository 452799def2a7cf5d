/**
 * Checks a definition against what is registered: services, workflows, and the tools of services, which decide nothing
 * but warn. Whoever is strict takes warnings for faults.
 */

import type { Fault } from '../base/errors.ts';
import { parseInput } from '../base/parse-input.ts';
import { uncheckedPatternText } from '../json-schema/unchecked-pattern-text.ts';
import { parseReference, ServiceReference } from '../registry/services/model/service-reference.ts';
import { Name } from '../registry/services/model/service-terms.ts';
import { type Service, versionOf } from '../registry/services/model/services.ts';
import { checkArguments } from '../transport/tool-arguments.ts';
import { type Readable, type Validation, validateWorkflow } from './compiler/validate.ts';
import type { CheckContext } from './context.ts';
import { credentialWarnings } from './definition/check-credentials.ts';
import { placeholderFaults } from './definition/check-placeholders.ts';
import { literalArguments, type ToolDirectory, unknownTools } from './definition/check-tools.ts';
import { type WalkedStep, walkSteps } from './definition/steps.ts';

export interface Checking {
  /** Names of workflows that are defined together with it. */
  readonly together?: readonly string[] | undefined;
  /** Whether warnings are looked for, and whether they are refused; not looked for when left out. */
  readonly warnings?: 'shown' | 'refused' | undefined;
}

export type CheckedDefinition = Validation & { readonly warnings: readonly Fault[] };

/** Checks a definition against the services and workflows that are registered now, or defined together with it. */
export async function checkDefinition(
  context: CheckContext,
  definition: unknown,
  { together = [], warnings: wanted }: Checking = {},
): Promise<CheckedDefinition> {
  const { schemaFaults } = await context.schemas(Object(definition).inputSchema ?? {});
  const named = namesIn(definition);
  const services = await registeredServices(context, named.services);
  const workflows = new Set([
    ...named.own,
    ...together,
    ...(await definedWorkflows(context, named.workflows)),
  ]);
  const validation = validateWorkflow(definition, { services, workflows, checkSchema: schemaFaults });
  const readable = validation.ok ? validation.definition : validation.readable;
  if (wanted === undefined || readable === undefined) return { ...validation, warnings: [] };
  const { warnings, notes } = await warningsOf(context, readable, services);
  if (wanted === 'shown' || warnings.length === 0)
    return { ...validation, warnings: [...warnings, ...notes] };
  const { errors: found = [], moreErrors = 0 } = validation.ok ? {} : validation;
  const more = moreErrors > 0 && { moreErrors };
  return { ok: false, errors: [...found, ...warnings], ...more, warnings: notes };
}

type Services = ReadonlyMap<string, Service>;

interface Warned {
  readonly warnings: readonly Fault[];
  /** What the author cannot mend, and is not refused for. */
  readonly notes: readonly Fault[];
}

async function warningsOf(context: CheckContext, definition: Readable, services: Services): Promise<Warned> {
  const walked = [...walkSteps(definition)];
  const directory = await toolsOf(context, services);
  const { broken, notes } = await argumentWarnings(walked, directory);
  const { outputPathFaults } = await import('./definition/check-outputs.ts');
  const warnings = [
    ...unknownTools(walked, directory),
    ...broken,
    ...outputPathFaults(definition, directory),
    ...placeholderFaults(definition),
    ...credentialWarnings(definition),
  ];
  return { warnings, notes };
}

async function argumentWarnings(walked: readonly WalkedStep[], directory: ToolDirectory) {
  const broken: Fault[] = [];
  const notes: Fault[] = [];
  for (const { path, tool, schema, values } of literalArguments(walked, directory)) {
    const { faults, skipped } = await checkArguments(schema, values);
    for (const fault of faults) broken.push({ path: `${path}.${fault.path}`, message: fault.message });
    for (const pattern of skipped)
      notes.push({
        path: `${path}.arguments`,
        message: uncheckedPatternText(pattern, `the input schema of ${tool}`),
      });
  }
  return { broken, notes };
}

/** The tools that are known of each service, by the references that name it. */
export async function toolsOf({ catalogues }: CheckContext, services: Services): Promise<ToolDirectory> {
  const found = await Promise.all(
    [...services].map(async ([reference, { name, version, transport }]) => {
      const known = transport === 'mcp' ? await catalogues?.get({ name, version }) : undefined;
      return known?.catalogue ? [[reference, { version, tools: known.catalogue.tools }] as const] : [];
    }),
  );
  return new Map(found.flat());
}

const maxNamed = 500;

interface Named {
  /** Each with the range that is written with it. */
  readonly services: string[];
  readonly workflows: string[];
  /** The name of the definition itself: a workflow may run itself. */
  readonly own: string[];
}

const isReference = (value: unknown): value is string => parseInput(ServiceReference, value).success;
const isName = (value: unknown): value is string => parseInput(Name, value).success;

/** Every name that stands where a definition names a service or a workflow, whatever else may be wrong with it. */
function namesIn(definition: unknown): Named {
  const services = new Set<string>();
  const workflows = new Set<string>();
  const pending: unknown[] = [definition];
  for (let next = pending.pop(); next !== undefined && services.size < maxNamed; next = pending.pop()) {
    if (typeof next !== 'object' || next === null) continue;
    for (const [key, inner] of Object.entries(next)) {
      if (key === 'service' && isReference(inner)) services.add(inner);
      else if (inner !== undefined) pending.push(inner);
      const run: unknown = key === 'workflow' ? Object(inner).name : undefined;
      if (isName(run) && workflows.size < maxNamed) workflows.add(run);
    }
  }
  const own: unknown = Object(definition).name;
  return { services: [...services], workflows: [...workflows], own: isName(own) ? [own] : [] };
}

/** The names of the workflows that a definition runs. */
export const workflowsRunBy = (definition: unknown): string[] => namesIn(definition).workflows;

export async function definedWorkflows(
  { workflows }: Pick<CheckContext, 'workflows'>,
  names: readonly string[],
): Promise<string[]> {
  const heads = await Promise.all(names.map((name) => workflows.head(name)));
  return heads.flatMap((head) => (head && head.archivedAt === undefined ? [head.name] : []));
}

/** The services by their names, and by each reference that one of their versions is meant by. */
export async function registeredServices(
  { services }: Pick<CheckContext, 'services'>,
  references: readonly string[],
): Promise<Map<string, Service>> {
  const names = [...new Set(references.map((reference) => parseReference(reference).name))];
  const records = await Promise.all(names.map((name) => services.get(name, { consistent: true })));
  const wanted = [...names, ...references].flatMap((reference): [string, Service][] => {
    const { name, versionRange } = parseReference(reference);
    const record = records.find((one) => one?.name === name);
    const service = record && versionOf(record, versionRange);
    return service ? [[reference, service]] : [];
  });
  return new Map(wanted);
}
