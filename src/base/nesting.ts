/**
 * How deep arrays and objects are nested in a JSON text. What is nested deeper than a call stack holds can be
 * parsed, but neither checked, compared nor written again: it is refused where it comes in.
 */

/** Levels that a JSON value may have; many parsers have the same limit. */
export const deepestNesting = 1_000;

const quote = 34;
const backslash = 92;
const opening: ReadonlySet<number> = new Set([91, 123]);
const closing: ReadonlySet<number> = new Set([93, 125]);

/** Whether a JSON text has more than `deepestNesting` levels; the text of a string is not looked into. */
export function isTooDeep(text: string): boolean {
  if (text.length <= 2 * deepestNesting) return false;
  let level = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) at = endOfString(text, at);
    else if (opening.has(code)) level += 1;
    else if (closing.has(code)) level -= 1;
    if (level > deepestNesting) return true;
  }
  return false;
}

/** Where the string that begins here ends. */
export function endOfString(text: string, start: number): number {
  let at = start + 1;
  for (; at < text.length && text.charCodeAt(at) !== quote; at++)
    if (text.charCodeAt(at) === backslash) at += 1;
  return at;
}
