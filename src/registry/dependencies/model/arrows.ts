/** The graph as arrows between nodes: one for each pair, whatever ranges of versions are behind it. */
import { type AllEdges, type Edges, isWorkflow, type NodeId, workflowNode } from './graph.ts';

export interface Arrow {
  readonly from: NodeId;
  readonly to: NodeId;
  /** Required by at least one version. */
  readonly required: boolean;
  /** Declared as registered later, by every version. */
  readonly pending: boolean;
  readonly versionRanges: readonly string[];
}

/** In the order of the names. */
export function arrowsOf(edges: AllEdges): Arrow[] {
  const nodes = [...edges].sort(([a], [b]) => (a < b ? -1 : 1));
  return nodes.flatMap(([from, needs]) => arrowsFrom(from, needs));
}

/** The arrows of one node. */
export function arrowsFrom(from: NodeId, { services, workflows }: Edges): Arrow[] {
  const arrows = new Map<NodeId, Arrow>();
  for (const { service, versionRange, required, pending } of services) {
    const known = arrows.get(service);
    arrows.set(service, {
      from,
      to: service,
      required: required || (known?.required ?? false),
      pending: pending && (known?.pending ?? true),
      versionRanges: [...new Set([...(known?.versionRanges ?? []), versionRange])],
    });
  }
  const runs = workflows.map(workflowNode).map((to) => ({ from, to, ...run }));
  return [...arrows.values(), ...runs];
}

const run = { required: true, pending: false, versionRanges: [] };

/** The arrows by the node that they begin at. */
export const byFrom = (arrows: readonly Arrow[]): Map<NodeId, Arrow[]> => grouped(arrows, ({ from }) => from);

/** The arrows by the node that they point to. */
export const byTo = (arrows: readonly Arrow[]): Map<NodeId, Arrow[]> => grouped(arrows, ({ to }) => to);

function grouped(arrows: readonly Arrow[], keyOf: (arrow: Arrow) => NodeId): Map<NodeId, Arrow[]> {
  const groups = new Map<NodeId, Arrow[]>();
  for (const arrow of arrows) {
    const group = groups.get(keyOf(arrow));
    if (group) group.push(arrow);
    else groups.set(keyOf(arrow), [arrow]);
  }
  return groups;
}

/** Only what services need of each other. */
export const betweenServices = (arrows: readonly Arrow[]): Arrow[] =>
  arrows.filter(({ from }) => !isWorkflow(from));

/** What is at most so many arrows away from a node, in either direction, the node itself among it. */
export function nodesWithin(arrows: readonly Arrow[], node: NodeId, depth: number): Set<NodeId> {
  const near = new Set([node]);
  for (const groups of [
    { map: byFrom(arrows), end: ({ to }: Arrow) => to },
    { map: byTo(arrows), end: ({ from }: Arrow) => from },
  ]) {
    for (const found of reached(node, depth, (at) => (groups.map.get(at) ?? []).map(groups.end)))
      near.add(found);
  }
  return near;
}

function reached(node: NodeId, depth: number, nextOf: (at: NodeId) => NodeId[]): Set<NodeId> {
  const seen = new Set([node]);
  let edge = [node];
  for (let level = 0; level < depth && edge.length > 0; level++) {
    edge = edge.flatMap(nextOf).filter((next) => !seen.has(next) && seen.add(next));
  }
  return seen;
}
