/** The name that was probably meant by one that does not exist: letters that were mixed up, left out or put in. */

/** Names that are looked at, and their longest: the work is bounded. */
const mostNames = 2_000;
const longest = 128;
/** Changed letters, for each letter of the longer name. */
const mostChanged = 0.4;

/** Undefined when none is near. Upper case, `_` and `-` do not count: `getEmail` is `get_email`. */
export function nearestName(wanted: string, names: Iterable<string>): string | undefined {
  const target = folded(wanted);
  let nearest: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const name of [...names].slice(0, mostNames)) {
    const candidate = folded(name);
    const distance = distanceBetween(target, candidate);
    if (distance >= least || distance > mostChanged * Math.max(target.length, candidate.length)) continue;
    [nearest, least] = [name, distance];
  }
  return nearest;
}

const folded = (name: string): string =>
  name
    .slice(0, longest)
    .toLowerCase()
    .replaceAll(/[-_\s]/g, '');

/** How many letters have to be put in, left out, changed, or swapped with the next one (Damerau and Levenshtein). */
function distanceBetween(one: string, other: string): number {
  let before: number[] = [];
  let row = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let at = 1; at <= one.length; at += 1) {
    const next = [at];
    for (let column = 1; column <= other.length; column += 1) {
      const same = one[at - 1] === other[column - 1];
      const swapped = one[at - 1] === other[column - 2] && one[at - 2] === other[column - 1];
      next[column] = Math.min(
        (row[column] ?? 0) + 1,
        (next[column - 1] ?? 0) + 1,
        (row[column - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (before[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [before, row] = [row, next];
  }
  return row[other.length] ?? 0;
}
