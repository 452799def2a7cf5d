/**
 * JSONata marks its own functions and streams with ordinary keys, and takes data with such keys for its own: it would not
 * be read, or be called. Such words of data and of the expression are written in another way while it is evaluated, as
 * long as they were, and as they were in what comes of it. (Its marks of arrays are none of this: arrays of JSON have no
 * keys.)
 */

/** Instead of the first letter, one that Unicode leaves to programs for their own use. */
const instead = '\uFDD0';
const words = ['_jsonata_lambda', '_jsonata_function', 'tupleStream', 'outerWrapper'];
const firstLetters = new Map(words.map((word) => [word.slice(1), word.charAt(0)]));
const reserved = new RegExp(words.join('|'), 'g');
const hidden = new RegExp(`${instead}(${[...firstLetters.keys()].join('|')})`, 'g');

export const hideReserved = (text: string): string =>
  text.replace(reserved, (word) => `${instead}${word.slice(1)}`);

export const revealReserved = (text: string): string =>
  text.replace(hidden, (_all, rest: string) => `${firstLetters.get(rest)}${rest}`);

export const isReserved = (text: string): boolean => words.some((word) => text.includes(word));

/** Objects and arrays that were looked through before; values never change. */
const clean = new WeakSet<object>();

/** Whether data holds such a word, in a key or in a text, since a text may become a key. */
export function holdsReserved(value: unknown): boolean {
  const pending: unknown[] = [value];
  const seen: object[] = [];
  while (pending.length > 0) {
    const part = pending.pop();
    if (typeof part === 'string') {
      if (isReserved(part)) return true;
    } else if (typeof part === 'object' && part !== null && !clean.has(part)) {
      seen.push(part);
      if (!Array.isArray(part) && Object.keys(part).some(isReserved)) return true;
      const inner: readonly unknown[] = Array.isArray(part) ? part : Object.values(part);
      for (const one of inner) pending.push(one);
    }
  }
  for (const part of seen) clean.add(part);
  return false;
}

type Rewrite = (text: string) => string;

/** JSON with every text and key rewritten; the parts that stay the same are the same. */
function rewritten(value: unknown, rewrite: Rewrite): unknown {
  if (typeof value === 'string') return rewrite(value);
  if (Array.isArray(value)) {
    const items = value.map((item) => rewritten(item, rewrite));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  return typeof value === 'object' && value !== null ? rewrittenObject(value, rewrite) : value;
}

function rewrittenObject(object: object, rewrite: Rewrite): object {
  let changed = false;
  const entries = Object.entries(object).map(([key, value]): [string, unknown] => {
    const entry: [string, unknown] = [rewrite(key), rewritten(value, rewrite)];
    changed ||= entry[0] !== key || entry[1] !== value;
    return entry;
  });
  return changed ? Object.fromEntries(entries) : object;
}

export const hiddenIn = (value: unknown): unknown => rewritten(value, hideReserved);
export const revealedIn = (value: unknown): unknown => rewritten(value, revealReserved);
