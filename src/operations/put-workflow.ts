/**
 * Gives a definition its version. Every changed definition is a new immutable version with a state machine of
 * its own, so running executions keep theirs. The machine exists before the version, and the version before it
 * is the newest: whoever comes after a crash or a race finishes what was begun.
 */
import { machineNameOf } from '../domain/arns.ts';
import { canonicalJson } from '../domain/canonical-json.ts';
import { isoNow } from '../domain/clock.ts';
import { type Fault, OrchestratorError } from '../domain/errors.ts';
import { faultsText } from '../domain/faults.ts';
import { parseInput } from '../domain/parse-input.ts';
import { parseReference, ServiceReference } from '../domain/service-reference.ts';
import { Name } from '../domain/service-terms.ts';
import { type Service, versionOf } from '../domain/services.ts';
import type { WorkflowHead, WorkflowVersion } from '../domain/workflow-records.ts';
import { compileWorkflow } from '../domain/workflows/compile.ts';
import type { WorkflowDefinition } from '../domain/workflows/definition.ts';
import { awaits, compensates, needsOf, servicesOf } from '../domain/workflows/steps.ts';
import { type Validation, validateWorkflow } from '../domain/workflows/validate.ts';
import { newIntentId } from '../registry/change-graph.ts';
import { changedByOthers, changeWorkflow } from '../registry/change-workflow.ts';
import type { RegistryContext } from '../registry/context.ts';
import { eachTry } from '../registry/each-try.ts';
import { managedByApi } from '../registry/put-service.ts';
import type { OperationContext } from './context.ts';

export interface PutWorkflow {
  readonly workflow: WorkflowHead;
  /** Whether this made a new version. */
  readonly created: boolean;
}

type Definition = Record<string, unknown>;

export type DefinitionContext = Pick<OperationContext, 'schemas' | 'hash' | 'runStepFunction'> &
  RegistryContext;

/** Gives the arn of the machine that runs a compiled definition. */
export type MachineFor = (workflow: WorkflowDefinition, asl: string) => Promise<string>;

export interface Defining {
  readonly managedBy: WorkflowHead['managedBy'];
  readonly machineFor: MachineFor;
  /** Whether the manifest takes over what the API manages, which it does unless this is false. */
  readonly takeOver?: boolean;
  /** Names of workflows that are defined together with it, and may run each other. */
  readonly together?: readonly string[];
}

/** Makes a machine for each definition at run time. */
export const createdMachine =
  (
    context: Pick<OperationContext, 'stepFunctions' | 'machinePrefix' | 'machineRoleArn' | 'hash'>,
  ): MachineFor =>
  ({ name }, asl) =>
    context.stepFunctions.createMachine({
      name: machineNameOf(context.machinePrefix, name, context.hash(asl)),
      definition: asl,
      roleArn: context.machineRoleArn,
    });

/** Throws `workflow.invalid` with every fault, `workflow.managed-by-manifest`, or `workflow.conflict` after a lost race. */
export async function putWorkflow(
  context: DefinitionContext,
  definition: Definition,
  defining: Defining,
): Promise<PutWorkflow> {
  const { managedBy } = defining;
  const wanted = await compiled(context, definition, defining);
  const intentId = newIntentId(context);
  let added: WorkflowHead | undefined;
  for await (const _try of eachTry(context)) {
    const head = await context.workflows.head(wanted.name);
    // Somebody else was faster to make it the newest one: versions become that one after the other.
    if (added && head && head.version >= added.version) return { workflow: added, created: true };
    if (head?.managedBy === 'manifest' && managedBy === 'api') throw managedByManifest(wanted.name);
    if (head?.managedBy === 'api' && defining.takeOver === false) throw managedByApi('workflow', wanted.name);
    const known = head && isSame(head, wanted) ? head : undefined;
    if (known?.needs) return { workflow: known, created: false };
    const newest = await changeWorkflow(context, {
      name: wanted.name,
      intentId,
      before: head,
      after: wanted,
      refusal: () => refusalOf(context, definition, defining),
      async write() {
        if (known) return withNeeds(context, known, wanted);
        const version = await addVersion(context, wanted, head);
        added = version?.own ? version.head : added;
        return version?.own && version.promoted ? version.head : undefined;
      },
    });
    if (newest) return { workflow: newest, created: !known };
  }
  throw changedByOthers(wanted.name);
}

/** Whether the newest version is that one already. */
export const isSame = (
  head: WorkflowHead,
  { definitionHash, managedBy }: Pick<Compiled, 'definitionHash' | 'managedBy'>,
): boolean =>
  head.definitionHash === definitionHash && head.managedBy === managedBy && head.archivedAt === undefined;

/** A version that was defined when nobody kept what it needs. */
async function withNeeds(
  { workflows }: DefinitionContext,
  known: WorkflowHead,
  { needs }: Compiled,
): Promise<WorkflowHead | undefined> {
  const head = { ...known, needs };
  return (await workflows.promote(head, known.version)) ? head : undefined;
}

/** Asks again what may have changed since the definition was checked: whether everything that it names is there. */
async function refusalOf(
  context: DefinitionContext,
  definition: Definition,
  { together }: Defining,
): Promise<Error | undefined> {
  const validation = await validate(context, definition, together);
  return validation.ok ? undefined : invalid(validation.errors);
}

type Compiled = Omit<WorkflowVersion, 'version' | 'definedAt' | 'archivedAt'>;

async function compiled(
  context: DefinitionContext,
  definition: Definition,
  { managedBy, machineFor, together = [] }: Defining,
): Promise<Compiled> {
  const validation = await validate(context, definition, together);
  if (!validation.ok) throw invalid(validation.errors);
  const parsed = validation.definition;
  const { asl, definitionHash } = compileDefinition(context, parsed);
  return {
    name: parsed.name,
    definition,
    definitionHash,
    machineArn: await machineFor(parsed, asl),
    timeoutSeconds: parsed.timeoutSeconds,
    compensates: compensates(parsed),
    awaits: awaits(parsed),
    services: servicesOf(parsed),
    needs: needsOf(parsed),
    managedBy,
    ...(parsed.description !== undefined && { description: parsed.description }),
    ...(parsed.inputSchema && { inputSchema: parsed.inputSchema }),
  };
}

/** What a definition is compiled to, and the hash by which a change of either is noticed. */
export function compileDefinition(
  { runStepFunction, hash }: Pick<DefinitionContext, 'runStepFunction' | 'hash'>,
  definition: WorkflowDefinition,
): { asl: string; definitionHash: string } {
  const asl = JSON.stringify(compileWorkflow(definition, { runStepFunction }));
  return { asl, definitionHash: hash(canonicalJson([definition, asl])) };
}

interface AddedVersion {
  readonly head: WorkflowHead;
  /** Whether it is not the one that somebody else has added under the same number. */
  readonly own: boolean;
  /** Whether this made it the newest one. */
  readonly promoted: boolean;
}

/** Adds the next version, unless it is there, and makes it the newest one; undefined when it is gone again. */
async function addVersion(
  context: DefinitionContext,
  wanted: Compiled,
  head: WorkflowHead | undefined,
): Promise<AddedVersion | undefined> {
  const newest = head?.version ?? (await context.workflows.newestVersion(wanted.name));
  const version = { ...wanted, version: newest + 1, definedAt: isoNow(context.clock) };
  const own = await context.workflows.addVersion(version);
  const present = own ? version : await context.workflows.version(version.name, version.version);
  if (!present) return undefined;
  const { definition: _definition, ...newHead } = present;
  return { head: newHead, own, promoted: await context.workflows.promote(newHead, head?.version) };
}

/** Checks a definition against the services and workflows that are registered now, or defined together with it. */
export async function validate(
  context: Pick<OperationContext, 'services' | 'workflows' | 'schemas'>,
  definition: unknown,
  together: readonly string[] = [],
): Promise<Validation> {
  const { schemaFaults } = await context.schemas();
  const named = namesIn(definition);
  const services = await registered(context, named.services);
  const workflows = new Set([...named.own, ...together, ...(await defined(context, named.workflows))]);
  return validateWorkflow(definition, { services, workflows, checkSchema: schemaFaults });
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

async function defined(
  { workflows }: Pick<OperationContext, 'workflows'>,
  names: readonly string[],
): Promise<string[]> {
  const heads = await Promise.all(names.map((name) => workflows.head(name)));
  return heads.flatMap((head) => (head && head.archivedAt === undefined ? [head.name] : []));
}

/** The services by their names, and by each reference that one of their versions is meant by. */
async function registered(
  { services }: Pick<OperationContext, 'services'>,
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

const invalid = (errors: readonly Fault[]): OrchestratorError =>
  new OrchestratorError('workflow.invalid', faultsText(errors), { errors });

const managedByManifest = (name: string): OrchestratorError =>
  new OrchestratorError(
    'workflow.managed-by-manifest',
    `${name} is managed by the manifest: change it there, or define it under another name`,
  );
