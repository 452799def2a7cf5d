/** The dependency graph as callers see it: its arrows, and which services there are. */

import { currentGraph, type GraphContext } from './change-graph.ts';
import { type Arrow, arrowsOf } from './model/arrows.ts';
import { edgesWithIntents, isWorkflow } from './model/graph.ts';

export interface ReadGraph {
  /** Grows with each change of the graph. */
  readonly revision: number;
  readonly arrows: readonly Arrow[];
}

/** Changes that are under way count as if they had come about; old ones are completed first. */
export async function readArrows(context: GraphContext): Promise<ReadGraph> {
  const graph = await currentGraph(context);
  return { revision: graph.ver, arrows: arrowsOf(edgesWithIntents(graph)) };
}

/** Services of one page of the list that is read to know all of them. */
const pageSize = 1000;

/** The names of all registered services: pages of an index, and what it does not show yet but is pointed to. */
export async function allServices(context: GraphContext, arrows: readonly Arrow[]): Promise<Set<string>> {
  const names = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await context.services.list({ limit: pageSize, cursor });
    for (const { name } of page.items) names.add(name);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  const notShown = servicesIn(arrows).filter((name) => !names.has(name));
  for (const name of await registeredOf(context, notShown)) names.add(name);
  return names;
}

/** The services that arrows begin at or point to, each once. */
export const servicesIn = (arrows: readonly Arrow[]): string[] => [
  ...new Set(arrows.flatMap(({ from, to }) => [from, to]).filter((node) => !isWorkflow(node))),
];

/** Keys of one BatchGetItem. */
const batchSize = 100;

/** Those of the names that are registered. */
export async function registeredOf(
  { services }: Pick<GraphContext, 'services'>,
  names: readonly string[],
): Promise<Set<string>> {
  const registered = new Set<string>();
  for (let at = 0; at < names.length; at += batchSize)
    for (const { name } of await services.getAll(names.slice(at, at + batchSize))) registered.add(name);
  return registered;
}
