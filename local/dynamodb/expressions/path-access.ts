/** Where paths lead in an item, and items made of what some paths lead to. */
import { type AttributeValue, attributeOf, type Item } from '../values/attribute-value.ts';
import type { Path } from './references.ts';

export function valueAt(item: Item, path: Path): AttributeValue | undefined {
  let value: AttributeValue | undefined = { M: item };
  for (const part of path) {
    if (value === undefined) return undefined;
    value = memberOf(value, part);
  }
  return value;
}

function memberOf(value: AttributeValue, part: string | number): AttributeValue | undefined {
  if (typeof part === 'number') return 'L' in value ? value.L[part] : undefined;
  return 'M' in value ? attributeOf(value.M, part) : undefined;
}

/** As errors write it: `[a, [1], b]`. */
export const showPath = (path: Path): string =>
  `[${path.map((part) => (typeof part === 'number' ? `[${part}]` : part)).join(', ')}]`;

/** The parts of an item that the paths lead to, each in what it is in; members of lists move up. */
export function projected(item: Item, paths: readonly Path[]): Item {
  const tree: Branch = new Map();
  for (const path of paths) addPath(tree, path);
  return pickAttributes(item, tree);
}

/** What is picked below each part; an empty one: all of it. */
type Branch = Map<string | number, Branch>;

function addPath(tree: Branch, path: Path): void {
  let branch = tree;
  for (const part of path) {
    const next: Branch = branch.get(part) ?? new Map();
    branch.set(part, next);
    branch = next;
  }
}

function pickAttributes(item: Item, tree: Branch): Item {
  const entries: [string, AttributeValue][] = [];
  for (const [part, below] of tree) {
    const value = typeof part === 'string' ? attributeOf(item, part) : undefined;
    const picked = value && pick(value, below);
    if (picked !== undefined) entries.push([String(part), picked]);
  }
  return Object.fromEntries(entries);
}

function pick(value: AttributeValue, tree: Branch): AttributeValue | undefined {
  if (tree.size === 0) return value;
  if ('M' in value) {
    const picked = pickAttributes(value.M, tree);
    return Object.keys(picked).length === 0 ? undefined : { M: picked };
  }
  if (!('L' in value)) return undefined;
  const picked = value.L.flatMap((member, index) => {
    const below = tree.get(index);
    return (below && pick(member, below)) ?? [];
  });
  return picked.length === 0 ? undefined : { L: picked };
}
