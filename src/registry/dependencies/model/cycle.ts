/** Services may not need each other in a circle, not even optionally: nobody could say which starts first. */
import { type AllEdges, noEdges } from './graph.ts';

/**
 * The shortest way from a service over one of these dependencies back to it, as in `[a, b, c, a]`; undefined when
 * there is none. What the service needed before does not count.
 */
export function cyclePath(
  edges: AllEdges,
  service: string,
  dependencies: readonly string[],
): string[] | undefined {
  const cameFrom = new Map<string, string>(dependencies.map((name) => [name, service]));
  const queue = [...dependencies];
  for (const name of queue) {
    if (name === service) return wayBack(cameFrom, service);
    for (const { service: next } of (edges.get(name) ?? noEdges).services) {
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, name);
      queue.push(next);
    }
  }
  return undefined;
}

function wayBack(cameFrom: ReadonlyMap<string, string>, service: string): string[] {
  const path = [service];
  for (let at = cameFrom.get(service); at !== undefined && at !== service; at = cameFrom.get(at))
    path.unshift(at);
  return [service, ...path];
}

export const cycleText = (path: readonly string[]): string => path.join(' -> ');
