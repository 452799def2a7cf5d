/** Writes of a workflow that change what it needs, together with the dependency graph. */

import { OrchestratorError } from '../base/errors.ts';
import { writeAttempts } from '../base/write-attempts.ts';
import { changeGraph, type GraphContext, newIntentId } from '../registry/dependencies/change-graph.ts';
import { isBeingRemoved } from '../registry/dependencies/check-dependencies.ts';
import { sameEdges, workflowNode } from '../registry/dependencies/model/graph.ts';
import { edgesOfWorkflow, type Needing } from './model/workflow-edges.ts';
import type { WorkflowHead } from './model/workflow-records.ts';
import type { WorkflowStore } from './store/workflow-store.ts';

type ChangeContext = GraphContext & { readonly workflows: WorkflowStore };

export interface WorkflowChange<T> {
  readonly name: string;
  /** The same over all tries of one caller. */
  readonly intentId: string;
  readonly before: Needing | undefined;
  readonly after: Needing | undefined;
  /** Why it cannot be, as the registry is when nothing that it needs can be removed any more. */
  readonly refusal?: () => Promise<Error | undefined>;
  /** Undefined when somebody else was faster. */
  readonly write: () => Promise<T | undefined>;
}

/** Writes the graph too when the workflow needs something else than before; undefined when it has to be tried again. */
export async function changeWorkflow<T>(
  context: ChangeContext,
  { name, intentId, before, after, ...change }: WorkflowChange<T>,
): Promise<T | undefined> {
  const edges = edgesOfWorkflow(after);
  if (sameEdges(edgesOfWorkflow(before), edges)) return change.write();
  return changeGraph(context, {
    ...change,
    id: intentId,
    node: workflowNode(name),
    edges,
    removing: false,
    allowed: (graph) => !isBeingRemoved(graph, edges),
  });
}

/** Takes a workflow out of the registry if it runs on this machine; what it needed may go then. */
export async function removeWorkflow(
  context: ChangeContext,
  { name, machineArn }: { name: string; machineArn: string },
): Promise<void> {
  const intentId = newIntentId(context);
  for await (const _attempt of writeAttempts(context)) {
    const head = await context.workflows.head(name);
    if (head?.machineArn !== machineArn) return;
    const write = async () => (await context.workflows.remove(name, machineArn)) || undefined;
    if (await changeWorkflow(context, { name, intentId, before: head, after: undefined, write })) return;
  }
  throw changedByOthers(name);
}

/** The archived workflow; undefined when there is none. Throws what `refuse` says of it, or `workflow.conflict`. */
export async function archiveWorkflow(
  context: ChangeContext,
  { name, archivedAt, refuse }: { name: string; archivedAt: string; refuse: (head: WorkflowHead) => void },
): Promise<WorkflowHead | undefined> {
  const intentId = newIntentId(context);
  for await (const _attempt of writeAttempts(context)) {
    const head = await context.workflows.head(name);
    if (!head || head.archivedAt !== undefined) return head;
    refuse(head);
    const after = { ...head, archivedAt };
    const write = async () => ((await context.workflows.promote(after, head.version)) ? after : undefined);
    const archived = await changeWorkflow(context, { name, intentId, before: head, after, write });
    if (archived) return archived;
  }
  throw changedByOthers(name);
}

export const changedByOthers = (name: string): OrchestratorError =>
  new OrchestratorError(
    'workflow.conflict',
    `${name} is being defined by others at the same time; try again`,
  );
