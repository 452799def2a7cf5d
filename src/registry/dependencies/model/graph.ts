/**
 * Who needs whom: services need services, workflows call services and run workflows. Every node has its edges by its
 * name, and a change that is under way is an intent beside them. What a service needs is what any of its versions needs.
 */
import { inRange } from '../../services/model/service-reference.ts';
import type { Dependency, ServiceRecord } from '../../services/model/services.ts';

/** A service by its name, a workflow as `workflow:<name>`, which is the name of no service. */
export type NodeId = string;

const workflowPrefix = 'workflow:';
export const workflowNode = (name: string): NodeId => `${workflowPrefix}${name}`;
export const isWorkflow = (node: NodeId): boolean => node.startsWith(workflowPrefix);
export const nameOf = (node: NodeId): string => (isWorkflow(node) ? node.slice(workflowPrefix.length) : node);

/** What one node needs. */
export interface Edges {
  readonly services: readonly Dependency[];
  /** Names of workflows that a workflow runs. */
  readonly workflows: readonly string[];
}

export const noEdges: Edges = { services: [], workflows: [] };

export type AllEdges = ReadonlyMap<NodeId, Edges>;

/** A change of a node that has begun: whoever finds it old completes it. */
export interface Intent {
  readonly id: string;
  readonly node: NodeId;
  /** When it was declared, in milliseconds since the epoch. */
  readonly atMs: number;
  /** What the node will need, if the change comes about. */
  readonly edges: Edges;
  /** Whether versions of the service, or all of it, are being removed. */
  readonly removing: boolean;
}

export interface Graph {
  /** Grows with each write; 0 before the first. */
  readonly ver: number;
  readonly edges: AllEdges;
  readonly intents: readonly Intent[];
}

export const emptyGraph: Graph = { ver: 0, edges: new Map(), intents: [] };

const textOf = ({ service, versionRange, required, pending }: Dependency): string =>
  `${service}@${versionRange} ${required} ${pending}`;

/** Each dependency once, in an order of their own, so that the same edges are the same text. */
export function edgesOf(dependencies: readonly Dependency[], workflows: readonly string[] = []): Edges {
  const once = new Map(dependencies.map((dependency) => [textOf(dependency), dependency]));
  const services = [...once].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, dependency]) => dependency);
  return { services, workflows: [...new Set(workflows)].sort() };
}

/** What any version of a service needs. */
export const edgesOfRecord = (record: Pick<ServiceRecord, 'versions'> | undefined): Edges =>
  edgesOf((record?.versions ?? []).flatMap(({ dependencies }) => dependencies));

const edgesText = ({ services, workflows }: Edges): string =>
  [...services.map(textOf), ...workflows.map(workflowNode)].join('\n');

export const sameEdges = (one: Edges, other: Edges): boolean => edgesText(one) === edgesText(other);

const isNone = ({ services, workflows }: Edges): boolean => services.length + workflows.length === 0;

/** The edges with those of one node replaced. */
export function withEdges(all: AllEdges, node: NodeId, edges: Edges): AllEdges {
  const next = new Map(all);
  if (isNone(edges)) next.delete(node);
  else next.set(node, edges);
  return next;
}

/** The edges as they are or may be in a moment: those of intents count already, what they drop still does. */
export function edgesWithIntents({ edges, intents }: Graph): AllEdges {
  return intents.reduce<AllEdges>((all, { node, edges: wanted }) => {
    const known = all.get(node) ?? noEdges;
    const union = edgesOf([...known.services, ...wanted.services], [...known.workflows, ...wanted.workflows]);
    return withEdges(all, node, union);
  }, edges);
}

/** Somebody that needs a service, and in which range of versions. */
export interface Dependent {
  readonly node: NodeId;
  readonly dependency: Dependency;
}

/** Who loses a service when these versions become those: who has one in its range now, and none then. */
export function losingDependents(
  edges: AllEdges,
  { service, before, after }: { service: string; before: readonly string[]; after: readonly string[] },
): Dependent[] {
  const dependents: Dependent[] = [];
  for (const [node, { services }] of edges) {
    if (node === service) continue;
    for (const dependency of services) {
      if (dependency.service !== service) continue;
      const has = (versions: readonly string[]): boolean =>
        versions.some((version) => inRange(version, dependency.versionRange));
      if (has(before) && !has(after)) dependents.push({ node, dependency });
    }
  }
  return dependents;
}
