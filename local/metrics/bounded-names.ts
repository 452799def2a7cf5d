/** Names as values of a label: each new one is a series for ever, so that the first ones have their own and the rest share one. */

export const otherNames = '(other)';

/** Gives the name, or `(other)` once `most` others are known. */
export function boundedNames(most: number): (name: string) => string {
  const known = new Set<string>();
  return (name) => {
    if (known.has(name)) return name;
    if (known.size >= most) return otherNames;
    known.add(name);
    return name;
  };
}
