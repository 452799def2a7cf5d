/**
 * Changes of the dependency graph and of the record behind it, which are two items. The change is declared in the graph
 * first, as an intent that everybody counts as if it had come about; then the record is written; then the graph takes
 * over what the record says. While a node has an intent, nobody else changes its edges. An intent that is old belongs
 * to a process that died or sleeps: whoever finds it completes it, and before that makes sure that what the sleeper may
 * still write is refused.
 */

import { writeAttempts } from '../../base/write-attempts.ts';
import type { RegistryContext } from '../context.ts';
import { nextRevision, type ServiceRecord } from '../services/model/services.ts';
import {
  type Edges,
  edgesOfRecord,
  type Graph,
  type Intent,
  isWorkflow,
  type NodeId,
  nameOf,
  withEdges,
} from './model/graph.ts';

/** An intent that is older is completed by whoever finds it. */
export const staleMs = 10_000;

export type GraphContext = Pick<
  RegistryContext,
  'services' | 'edgesOfWorkflow' | 'graph' | 'clock' | 'random'
>;

export interface GraphChange<T> {
  /** The same over all tries of one caller, see `newIntentId`. */
  readonly id: string;
  readonly node: NodeId;
  readonly edges: Edges;
  /** Whether versions of the service, or all of it, go. */
  readonly removing: boolean;
  /** Throws when the graph refuses it for good; false when what is in the way may be gone in a moment. */
  readonly allowed: (graph: Graph) => boolean;
  /** Why it cannot be, as the registry is once everybody sees the intent. */
  readonly refusal?: () => Promise<Error | undefined>;
  /** Writes the record; undefined when somebody else was faster. */
  readonly write: () => Promise<T | undefined>;
}

export const newIntentId = ({ clock, random }: Pick<GraphContext, 'clock' | 'random'>): string =>
  `${clock.now().toString(36)}-${Math.floor(random() * 2 ** 48).toString(36)}`;

/** Undefined when somebody else was faster, or is in the way: the caller tries again. Throws what refuses it. */
export async function changeGraph<T>(context: GraphContext, change: GraphChange<T>): Promise<T | undefined> {
  const intent = await context.graph.inTurn(() => declare(context, change));
  if (!intent) return undefined;
  const refusal = await change.refusal?.();
  const written = refusal || isHalfStale(context, intent) ? undefined : await change.write();
  await settle(context, intent);
  if (refusal) throw refusal;
  return written;
}

/** Adds the intent to the graph; undefined when something is in the way, or the graph was changed meanwhile. */
export async function declare<T>(
  context: GraphContext,
  { id, node, edges, removing, allowed }: Omit<GraphChange<T>, 'write' | 'refusal'>,
): Promise<Intent | undefined> {
  const read = await currentGraph(context);
  // One of the same id was declared by an earlier try, whose answer was lost.
  const intents = read.intents.filter((intent) => intent.id !== id);
  if (intents.some((intent) => intent.node === node)) return undefined;
  if (!allowed({ ...read, intents })) return undefined;
  const intent = { id, node, edges, removing, atMs: context.clock.now() };
  const declared = await context.graph.replace(read, { edges: read.edges, intents: [...intents, intent] });
  return declared ? intent : undefined;
}

/** The graph, strongly consistent, in which no intent is old. */
export async function currentGraph(context: GraphContext): Promise<Graph> {
  for (let turn = 0; turn < mostCompleted; turn++) {
    const graph = await context.graph.read({ consistent: true });
    const stale = graph.intents.find(({ atMs }) => context.clock.now() - atMs > staleMs);
    if (!stale) return graph;
    await complete(context, graph, stale);
  }
  return context.graph.read({ consistent: true });
}

const mostCompleted = 20;

/** Workflows have nothing that would refuse a late write: such a write is not even begun. */
const isHalfStale = ({ clock }: GraphContext, { atMs }: Intent): boolean => clock.now() - atMs > staleMs / 2;

/** The graph takes over what the record says; without success the intent gets old, and others complete it. */
async function settle(context: GraphContext, intent: Intent): Promise<void> {
  for await (const _attempt of writeAttempts(context))
    if (await context.graph.inTurn(() => settled(context, intent))) return;
}

async function settled(context: GraphContext, intent: Intent): Promise<boolean> {
  const graph = await context.graph.read({ consistent: true });
  if (!graph.intents.some(({ id }) => id === intent.id)) return true;
  return takeOver(context, { graph, intent, edges: await recordedEdges(context, intent.node) });
}

async function complete(context: GraphContext, graph: Graph, intent: Intent): Promise<void> {
  const { node } = intent;
  if (isWorkflow(node)) {
    await takeOver(context, { graph, intent, edges: await recordedEdges(context, node) });
    return;
  }
  const record = await fenced(context, node);
  if (record) await takeOver(context, { graph, intent, edges: edgesOfRecord(record) });
}

const takeOver = (
  { graph: store }: GraphContext,
  { graph, intent, edges }: { graph: Graph; intent: Intent; edges: Edges },
): Promise<boolean> =>
  store.replace(graph, {
    edges: withEdges(graph.edges, intent.node, edges),
    intents: graph.intents.filter(({ id }) => id !== intent.id),
  });

async function recordedEdges({ services, edgesOfWorkflow }: GraphContext, node: NodeId): Promise<Edges> {
  if (isWorkflow(node)) return edgesOfWorkflow(nameOf(node));
  return edgesOfRecord(await services.get(node, { consistent: true }));
}

/** The record under a new revision, so that a write over the earlier one is refused; undefined after a lost race. */
async function fenced({ services, clock }: GraphContext, name: string): Promise<ServiceRecord | undefined> {
  const record = await services.forWrite(name);
  const revision = nextRevision(record?.revision, clock.now());
  const next = { name, versions: record?.versions ?? [], revision };
  return (await services.put(next, record?.revision)) ? next : undefined;
}
