/**
 * Fields called `__proto__`. In JavaScript an assignment to that name changes what an object inherits, so that on its
 * way through parsers and expressions such a field is lost without a word. It is refused where it comes in; names such
 * as `constructor` and `prototype` are names like any other.
 */
import { type Fault, mostFaults } from './errors.ts';
import { pathText } from './faults.ts';

const unusable = '__proto__';
const message = 'is a name that no field may have';

type Path = readonly (string | number)[];

/** The places of such fields, at most a hundred, in a value that is nested no deeper than values may be. */
export function unusableNames(value: unknown): Fault[] {
  const faults: Fault[] = [];
  look(value, [], (path) => {
    if (faults.length < mostFaults) faults.push({ path: pathText(path), message });
  });
  return faults;
}

function look(value: unknown, path: Path, found: (path: Path) => void): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries())
      if (typeof item === 'object' && item !== null) look(item, [...path, index], found);
    return;
  }
  for (const name of Object.keys(value)) {
    if (name === unusable) found([...path, name]);
    const inner: unknown = Reflect.get(value, name);
    if (typeof inner === 'object' && inner !== null) look(inner, [...path, name], found);
  }
}
