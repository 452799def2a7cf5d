/** Ids of steps and names of items: unique, and not the name of something else. */
import type { Fault } from '../../base/errors.ts';
import { stepIdPattern } from './definition.ts';
import { whyReserved } from './reserved-names.ts';
import type { WalkedStep } from './steps.ts';

interface NamedItem {
  readonly name: string;
  readonly path: string;
  readonly loop: WalkedStep;
}

const reservedFault = (name: string, path: string): Fault[] => {
  const reason = whyReserved(name);
  return reason === undefined ? [] : [{ path, message: `${reason}; choose another` }];
};

const itemsIn = (walked: readonly WalkedStep[]): NamedItem[] =>
  walked.flatMap((loop) =>
    'forEach' in loop.step ? [{ name: loop.step.forEach.as, path: `${loop.path}.forEach.as`, loop }] : [],
  );

function idFaults(walked: readonly WalkedStep[], items: readonly NamedItem[]): Fault[] {
  const firstPaths = new Map<string, string>();
  const itemNames = new Set(items.map(({ name }) => name.toLowerCase()));
  return walked.flatMap(({ id, path: at }) => {
    if (!stepIdPattern.test(id)) return [];
    const path = `${at}.id`;
    const folded = id.toLowerCase();
    const first = firstPaths.get(folded);
    if (first !== undefined)
      return [{ path, message: `"${id}" is already the id of ${first}, ignoring case` }];
    firstPaths.set(folded, at);
    if (itemNames.has(folded)) return [{ path, message: `"${id}" is the name of the items of a forEach` }];
    return reservedFault(id, path);
  });
}

function itemFaults(items: readonly NamedItem[]): Fault[] {
  return items.flatMap(({ name, path, loop }) => {
    const outer = items.find((other) => other.name === name && loop.loops.includes(other.loop.id));
    if (outer) return [{ path, message: `"${name}" is already the item of ${outer.loop.path}` }];
    return reservedFault(name, path);
  });
}

export function nameFaults(walked: readonly WalkedStep[]): Fault[] {
  const items = itemsIn(walked);
  return [...idFaults(walked, items), ...itemFaults(items)];
}
