/**
 * Texts of an answer in which bytes could not be read: a service says another charset than it sends, or none. Each such
 * byte became U+FFFD, and whoever passes the text on is told.
 */
import type { Fault } from '../base/errors.ts';
import { pathText } from '../base/faults.ts';

const replacement = '\uFFFD';
const message =
  'has U+FFFD, which bytes become that are no text in the charset of the answer; send UTF-8, or say the charset';
/** Whoever sends more is told enough. */
const mostFound = 100;

type Path = readonly (string | number)[];

/** With paths in the value; `json` is the value as JSON. */
export function brokenTexts(value: unknown, json: string): Fault[] {
  if (!json.includes(replacement)) return [];
  const found: Fault[] = [];
  const pending: [unknown, Path][] = [[value, []]];
  for (let next = pending.pop(); next && found.length < mostFound; next = pending.pop()) {
    const [part, path] = next;
    if (typeof part === 'string' && part.includes(replacement)) found.push({ path: pathText(path), message });
    // One by one: an array may have more items than a call may have arguments.
    for (const inner of partsOf(part, path).reverse()) pending.push(inner);
  }
  return found;
}

function partsOf(part: unknown, path: Path): [unknown, Path][] {
  if (Array.isArray(part)) return part.map((item, index) => [item, [...path, index]]);
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).map(([key, item]) => [item, [...path, key]]);
}
