/**
 * Gives a definition its version. Every changed definition is a new immutable version with a state machine of
 * its own, so running executions keep theirs. The machine exists before the version, and the version before it
 * is the newest: whoever comes after a crash or a race finishes what was begun.
 */
import { machineNameOf } from '../aws/model/arns.ts';
import { canonicalJson } from '../base/canonical-json.ts';
import { isoNow } from '../base/clock.ts';
import { type Fault, OrchestratorError } from '../base/errors.ts';
import { faultsText } from '../base/faults.ts';
import { writeAttempts } from '../base/write-attempts.ts';
import { newIntentId } from '../registry/dependencies/change-graph.ts';
import { managedByApi } from '../registry/services/put-service.ts';
import { changedByOthers, changeWorkflow } from './change-workflow.ts';
import { type CheckedDefinition, type Checking, checkDefinition } from './check-definition.ts';
import { compileWorkflow } from './compiler/compile.ts';
import type { DefinitionContext, MachineContext } from './context.ts';
import type { WorkflowDefinition } from './definition/definition.ts';
import { withoutNullFields } from './definition/drop-null-fields.ts';
import { awaits, compensates, needsOf, servicesOf } from './definition/steps.ts';
import type { WorkflowHead, WorkflowVersion } from './model/workflow-records.ts';

export interface PutWorkflow {
  readonly workflow: WorkflowHead;
  /** Whether this made a new version. */
  readonly created: boolean;
  /** What is probably not meant so, when it was looked for. */
  readonly warnings: readonly Fault[];
}

type Definition = Record<string, unknown>;
type Refused = Extract<CheckedDefinition, { ok: false }>;

/** Gives the arn of the machine that runs a compiled definition. */
export type MachineFor = (workflow: WorkflowDefinition, asl: string) => Promise<string>;

export interface Defining extends Checking {
  readonly managedBy: WorkflowHead['managedBy'];
  readonly machineFor: MachineFor;
  /** Whether the manifest takes over what the API manages, which it does unless this is false. */
  readonly takeOver?: boolean;
}

/** Makes a machine for each definition at run time. */
export const createdMachine =
  (
    context: Pick<MachineContext, 'stepFunctions' | 'machinePrefix' | 'machineRoleArn' | 'hash'>,
  ): MachineFor =>
  ({ name }, asl) =>
    context.stepFunctions.createMachine({
      name: machineNameOf(context.machinePrefix, name, context.hash(asl)),
      definition: asl,
      roleArn: context.machineRoleArn,
    });

/** Throws `workflow.invalid` with every fault, `request.too-large`, `workflow.managed-by-manifest`, or `workflow.conflict` after a lost race. */
export async function putWorkflow(
  context: DefinitionContext,
  definition: Definition,
  defining: Defining,
): Promise<PutWorkflow> {
  const { managedBy } = defining;
  const { wanted, warnings } = await compiled(context, definition, defining);
  const intentId = newIntentId(context);
  let added: WorkflowHead | undefined;
  for await (const _attempt of writeAttempts(context)) {
    const head = await context.workflows.head(wanted.name);
    // Somebody else was faster to make it the newest one: versions become that one after the other.
    if (added && head && head.version >= added.version) return { workflow: added, created: true, warnings };
    if (head?.managedBy === 'manifest' && managedBy === 'api') throw managedByManifest(wanted.name);
    if (head?.managedBy === 'api' && defining.takeOver === false) throw managedByApi('workflow', wanted.name);
    const known = head && isSame(head, wanted) ? head : undefined;
    if (known?.needs) return { workflow: known, created: false, warnings };
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
    if (newest) return { workflow: newest, created: !known, warnings };
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
  const validation = await checkDefinition(context, definition, { together });
  return validation.ok ? undefined : refused(validation);
}

type Compiled = Omit<WorkflowVersion, 'version' | 'definedAt' | 'archivedAt'>;

async function compiled(
  context: DefinitionContext,
  definition: Definition,
  { managedBy, machineFor, ...checking }: Defining,
): Promise<{ wanted: Compiled; warnings: readonly Fault[] }> {
  const checked = await checkDefinition(context, definition, checking);
  if (!checked.ok) throw refused(checked);
  const parsed = checked.definition;
  const { asl, definitionHash } = compileDefinition(context, parsed);
  const wanted = {
    name: parsed.name,
    definition: withoutNullFields(definition),
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
  return { wanted, warnings: checked.warnings };
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

const refused = ({ errors, moreErrors = 0, tooLarge }: Refused): OrchestratorError =>
  new OrchestratorError(tooLarge ? 'request.too-large' : 'workflow.invalid', faultsText(errors), {
    errors,
    moreErrors,
  });

const managedByManifest = (name: string): OrchestratorError =>
  new OrchestratorError(
    'workflow.managed-by-manifest',
    `${name} is managed by the manifest: change it there, or define it under another name`,
  );
