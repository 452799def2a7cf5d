/** In which order things are made that need each other. */

export interface Needing<T> {
  readonly idOf: (item: T) => string;
  /** Ids, of others that are not among the items too. */
  readonly needsOf: (item: T) => readonly string[];
}

/**
 * Each after those that it needs, otherwise in the order in which they stand. In a circle the one that is met first
 * comes last: whoever may not need each other in a circle has to refuse that.
 */
export function needsFirst<T>(items: readonly T[], { idOf, needsOf }: Needing<T>): T[] {
  const byId = new Map(items.map((item) => [idOf(item), item]));
  const ordered = new Set<T>();
  const met = new Set<T>();
  const add = (item: T): void => {
    if (met.has(item)) return;
    met.add(item);
    for (const id of needsOf(item)) {
      const needed = byId.get(id);
      if (needed) add(needed);
    }
    ordered.add(item);
  };
  for (const item of items) add(item);
  return [...ordered];
}
