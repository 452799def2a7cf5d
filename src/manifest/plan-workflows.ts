/**
 * What a manifest does to workflows: those that it names, checked against the services as they will be, and those that
 * it named before.
 */

import { type Fault, mostFaults, OrchestratorError } from '../base/errors.ts';
import { faultsText } from '../base/faults.ts';
import { inBatches } from '../base/in-batches.ts';
import { othersTurn } from '../base/others-turn.ts';
import type { ServiceRecord } from '../registry/services/model/services.ts';
import { type Checking, checkDefinition } from '../workflows/check-definition.ts';
import type { CheckContext } from '../workflows/context.ts';
import type { WorkflowDefinition } from '../workflows/definition/definition.ts';
import { withoutNullFields } from '../workflows/definition/drop-null-fields.ts';
import type { WorkflowHead } from '../workflows/model/workflow-records.ts';
import { compileDefinition, isSame } from '../workflows/put-workflow.ts';
import type { ManifestContext } from './context.ts';
import { type ManifestWorkflow, workflowsInOrder } from './manifest-steps.ts';
import { remembered, serviceId } from './model/applied-manifest.ts';
import type { Manifest } from './model/manifest.ts';
import { definitionChanges } from './model/manifest-plan.ts';
import { actionFor, hasDrifted, holderOf, mostKeys, type Planned, type Planning } from './plan-services.ts';

export type WorkflowPlanContext = Pick<
  ManifestContext,
  'services' | 'workflows' | 'schemas' | 'hash' | 'runStepFunction'
> &
  CheckContext;

/** What is probably not meant so, at a path in the definition of a workflow. */
export interface WorkflowWarning extends Fault {
  readonly workflow: string;
}

export interface WorkflowPlan {
  readonly puts: Planned[];
  readonly deletions: Planned[];
  readonly warnings: readonly WorkflowWarning[];
}

interface Checked {
  readonly workflow: ManifestWorkflow;
  readonly definition: WorkflowDefinition;
}

/** Reads under way at the same time. */
const readAtOnce = 25;

/** Throws `workflow.invalid`, or `request.too-large`, with the path of each fault of each workflow. */
export async function planWorkflows(
  context: WorkflowPlanContext,
  manifest: Manifest,
  planning: Planning & { readonly records: ReadonlyMap<string, ServiceRecord> } & Pick<Checking, 'warnings'>,
): Promise<WorkflowPlan> {
  const { workflows } = manifest;
  const before = planning.removesOmitted ? Object.keys(planning.applied?.workflows ?? {}) : [];
  const heads = await headsOf(context, [...workflows.map(({ name }) => name), ...before]);
  const known = { ...planning, heads };
  const { checked, warnings } = await checkAll(afterwards(context, known), workflows, planning);
  const puts: Planned[] = [];
  for (const workflow of workflowsInOrder(checked.map((one) => one.workflow))) {
    const one = checked.find((other) => other.workflow === workflow);
    if (one) puts.push(await planWorkflow(context, one, known));
    await othersTurn();
  }
  return { puts, deletions: await planDeletions(context, workflows, known), warnings };
}

/** By name; undefined for those that are not there. */
type Heads = ReadonlyMap<string, WorkflowHead | undefined>;

async function headsOf({ workflows }: WorkflowPlanContext, named: readonly string[]): Promise<Heads> {
  const names = [...new Set(named)];
  const found = await inBatches(names, mostKeys, (some) => workflows.heads(some));
  const heads = new Map(found.map((head) => [head.name, head]));
  return new Map(names.map((name) => [name, heads.get(name)]));
}

interface Read {
  readonly records: ReadonlyMap<string, ServiceRecord>;
  readonly heads: Heads;
}

/** The registry with the services that the manifest is about to make; what is known of it and of tools is read once. */
const afterwards = (context: WorkflowPlanContext, { records, heads }: Read): WorkflowPlanContext => ({
  ...context,
  catalogues: context.catalogues && readOnce(context.catalogues),
  services: {
    ...context.services,
    get: async (name, options) => records.get(name) ?? context.services.get(name, options),
  },
  workflows: {
    ...context.workflows,
    head: async (name) => (heads.has(name) ? heads.get(name) : context.workflows.head(name)),
  },
});

type Catalogues = NonNullable<CheckContext['catalogues']>;

function readOnce({ get }: Catalogues): Catalogues {
  const read = new Map<string, ReturnType<Catalogues['get']>>();
  return {
    get(key) {
      const id = serviceId(key);
      const known = read.get(id) ?? get(key);
      read.set(id, known);
      return known;
    },
  };
}

async function checkAll(
  context: WorkflowPlanContext,
  workflows: Manifest['workflows'],
  { warnings: wanted }: Pick<Checking, 'warnings'>,
): Promise<{ checked: Checked[]; warnings: WorkflowWarning[] }> {
  const together = workflows.map(({ name }) => name);
  const checked: Checked[] = [];
  const faults: Fault[] = [];
  const warnings: WorkflowWarning[] = [];
  let tooLarge = false;
  let moreErrors = 0;
  for (const [index, workflow] of workflows.entries()) {
    // An answer lists no more: the others are checked when these are mended.
    if (faults.length > mostFaults) break;
    const one = await checkDefinition(context, workflow, { together, warnings: wanted });
    await othersTurn();
    if (one.ok) checked.push({ workflow, definition: one.definition });
    else {
      faults.push(...one.errors.map((fault) => inWorkflow(index, workflow, fault)));
      tooLarge ||= one.tooLarge === true;
      moreErrors += one.moreErrors ?? 0;
    }
    warnings.push(...one.warnings.map((warning) => ({ workflow: workflow.name, ...warning })));
  }
  if (faults.length > 0)
    throw new OrchestratorError(tooLarge ? 'request.too-large' : 'workflow.invalid', faultsText(faults), {
      errors: faults,
      moreErrors,
    });
  return { checked, warnings };
}

/** In a long list nobody counts to the place of a workflow, or of a step: both are named. */
function inWorkflow(index: number, workflow: ManifestWorkflow, { path, message }: Fault): Fault {
  const step = stepAt(workflow, path);
  const named = step === undefined ? `workflow ${workflow.name}` : `workflow ${workflow.name}, step ${step}`;
  return {
    path: path === '' ? `workflows[${index}]` : `workflows[${index}].${path}`,
    message: `${message} (${named})`,
  };
}

/** The id of the innermost step on the way to a place. */
function stepAt(workflow: ManifestWorkflow, path: string): string | undefined {
  let step: string | undefined;
  let value: unknown = workflow;
  for (const [part, index] of path.matchAll(/[^.[\]]+|\[(\d+)\]/g)) {
    value = Reflect.get(Object(value), index ?? part);
    const id: unknown = index === undefined ? undefined : Object(value).id;
    if (typeof id === 'string') step = id;
  }
  return step;
}

async function planWorkflow(
  context: WorkflowPlanContext,
  { workflow, definition }: Checked,
  { applied, takeOver, heads }: Planning & Pick<Read, 'heads'>,
): Promise<Planned> {
  const head = heads.get(workflow.name);
  const { definitionHash } = compileDefinition(context, definition);
  const before = applied?.workflows[workflow.name];
  const heldBy = holderOf(head, before);
  const same = head?.needs !== undefined && isSame(head, { definitionHash, managedBy: 'manifest' });
  return {
    kind: 'workflow',
    name: workflow.name,
    action: actionFor({ exists: head !== undefined, same, heldBy, takeOver }),
    drift: hasDrifted(before, head?.definitionHash),
    changes: head && !same ? await changesTo(context, head, { workflow, definitionHash }) : [],
    ...(heldBy && { heldBy }),
    ...((!heldBy || takeOver) && { hash: remembered(definitionHash) }),
  };
}

async function changesTo(
  { workflows }: WorkflowPlanContext,
  head: WorkflowHead,
  { workflow, definitionHash }: { workflow: ManifestWorkflow; definitionHash: string },
): Promise<Planned['changes']> {
  const managed =
    head.managedBy === 'manifest' ? [] : [{ path: 'managedBy', from: head.managedBy, to: 'manifest' }];
  if (head.definitionHash === definitionHash)
    return head.archivedAt === undefined
      ? managed
      : [...managed, { path: 'archivedAt', from: head.archivedAt }];
  const current = await workflows.version(head.name, head.version);
  return [...definitionChanges(current?.definition ?? {}, withoutNullFields(workflow)), ...managed];
}

async function planDeletions(
  { workflows }: WorkflowPlanContext,
  named: Manifest['workflows'],
  { applied, removesOmitted, heads }: Planning & Pick<Read, 'heads'>,
): Promise<Planned[]> {
  if (!removesOmitted) return [];
  const names = new Set(named.map(({ name }) => name));
  const before = Object.keys(applied?.workflows ?? {}).filter((name) => !names.has(name));
  const managed = before.flatMap((name) => {
    const head = heads.get(name);
    return head?.managedBy === 'manifest' ? [head] : [];
  });
  const gone = await inBatches(managed, readAtOnce, (some) =>
    Promise.all(
      some.map(async ({ name, version }): Promise<ManifestWorkflow> => {
        const found = await workflows.version(name, version);
        return { ...found?.definition, name };
      }),
    ),
  );
  return workflowsInOrder(gone)
    .reverse()
    .map(({ name }) => ({
      kind: 'workflow',
      name,
      action: 'delete',
      drift: hasDrifted(applied?.workflows[name], heads.get(name)?.definitionHash),
      changes: [],
    }));
}
