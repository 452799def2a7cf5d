/** What happens to others when a service stops. */
import { type Arrow, byTo } from './arrows.ts';
import type { NodeId } from './graph.ts';

export interface Affected {
  readonly node: NodeId;
  /** `stops`: it requires what stops; `degraded`: there is an optional dependency in between. */
  readonly effect: 'stops' | 'degraded';
  readonly direct: boolean;
  /** The shortest way to the service, the node itself first. */
  readonly path: readonly NodeId[];
}

/** Everything that needs the service, the nearest first. */
export function impactOf(arrows: readonly Arrow[], service: NodeId): Affected[] {
  const to = byTo(arrows);
  const stops = above(to, service, ({ required }) => required);
  const all = above(to, service, () => true);
  return [...all].flatMap(([node, path]): Affected[] => {
    if (node === service) return [];
    const hard = stops.get(node);
    const way = hard ?? path;
    return [{ node, effect: hard ? 'stops' : 'degraded', direct: path.length === 2, path: way }];
  });
}

/** Each node that an arrow leads from, over any number of them, with the shortest way down. */
function above(
  to: ReadonlyMap<NodeId, readonly Arrow[]>,
  service: NodeId,
  counts: (arrow: Arrow) => boolean,
): Map<NodeId, readonly NodeId[]> {
  const ways = new Map<NodeId, readonly NodeId[]>([[service, [service]]]);
  for (const [node, path] of ways)
    for (const arrow of to.get(node) ?? [])
      if (counts(arrow) && !ways.has(arrow.from)) ways.set(arrow.from, [arrow.from, ...path]);
  return ways;
}
