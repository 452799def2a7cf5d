/** What fields a value is known to have, and what is wrong with a path into it. */
import { nearestName } from '../../base/nearest-name.ts';
import { type PlainPath, writePath } from '../../expressions/model/plain-path.ts';

/** Of an object, or of the items of a list: in JSONata a name of a list is that name of its items. */
export interface Shape {
  readonly names: ReadonlySet<string>;
  /** Others may be there too: then a name is wrong only where one of these is probably meant. */
  readonly isOpen: boolean;
  /** The shape of a field; undefined where anything may be in it. */
  readonly inside: (name: string) => Shape | undefined;
  /** Says who has the fields that are listed: `it has price, stock`. */
  readonly says: (fields: string) => string;
}

/** As many shapes are looked through for a name: one may hold itself. */
const mostVisited = 200;
const mostListed = 8;

/** Undefined for a path that is there, or may be. */
export function whyNoSuchField({ variable, parts }: PlainPath, start: Shape | undefined): string | undefined {
  let shape = start;
  for (const [index, name] of parts.entries()) {
    if (shape === undefined) return undefined;
    if (typeof name === 'number') continue;
    if (!shape.names.has(name)) {
      const before = { variable, parts: parts.slice(0, index) };
      return missingField(before, { name, after: parts.slice(index + 1), shape });
    }
    shape = shape.inside(name);
  }
  return undefined;
}

interface Missing {
  readonly name: string;
  readonly after: PlainPath['parts'];
  readonly shape: Shape;
}

function missingField({ variable, parts }: PlainPath, { name, after, shape }: Missing): string | undefined {
  const right = pathTo(name, shape) ?? nearest(name, shape);
  if (right === undefined && shape.isOpen) return undefined;
  const where = writePath(`$${variable}`, parts);
  const names = [...shape.names].slice(0, mostListed).join(', ') || 'no fields';
  const hint = right ? `; did you mean "${writePath(`$${variable}`, [...parts, ...right, ...after])}"?` : '';
  return `"${where}" has no "${name}": ${shape.says(names)}${hint}`;
}

function nearest(name: string, { names }: Shape): string[] | undefined {
  const found = nearestName(name, names);
  return found === undefined ? undefined : [found];
}

/** Where a field with this name is further inside, as near as possible. */
function pathTo(name: string, start: Shape): string[] | undefined {
  const places: { readonly path: string[]; readonly shape: Shape }[] = [{ path: [], shape: start }];
  for (const { path, shape } of places) {
    if (shape.names.has(name)) return [...path, name];
    for (const field of shape.names) {
      const inner = places.length < mostVisited ? shape.inside(field) : undefined;
      if (inner) places.push({ path: [...path, field], shape: inner });
    }
  }
  return undefined;
}
