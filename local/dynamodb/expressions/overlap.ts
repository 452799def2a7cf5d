/** Paths of one expression must not lead into each other. */
import type { ApiError } from '../api-error.ts';
import { showPath } from './path-access.ts';
import type { Path } from './references.ts';

/** Throws for two paths of which one leads into the other, or that take the same value for a list and a map. */
export function checkApart(paths: readonly Path[], fault: (why: string) => ApiError): void {
  paths.forEach((path, index) => {
    for (const other of paths.slice(0, index)) {
      const why = relation(other, path);
      if (why === undefined) continue;
      const both = `path one: ${showPath(other)}, path two: ${showPath(path)}`;
      throw fault(
        `Two document paths ${why} with each other; must remove or rewrite one of these paths; ${both}`,
      );
    }
  });
}

function relation(one: Path, other: Path): 'overlap' | 'conflict' | undefined {
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at++) {
    if (one[at] === other[at]) continue;
    return typeof one[at] === typeof other[at] ? undefined : 'conflict';
  }
  return 'overlap';
}
