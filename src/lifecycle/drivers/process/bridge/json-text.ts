/**
 * Changes one member of a JSON text and leaves the rest as it was written: numbers that JavaScript cannot hold pass
 * through unchanged.
 */

interface Range {
  readonly from: number;
  readonly to: number;
}

/** A JSON object with the value of one of its own members replaced by another JSON text, where it has that member. */
export function withMember(json: string, name: string, value: string): string {
  const range = rangeOf(json, name);
  return range === undefined ? json : `${json.slice(0, range.from)}${value}${json.slice(range.to)}`;
}

/** The JSON text of a member; null where there is none. */
export function memberOf(json: string, name: string): string {
  const range = rangeOf(json, name);
  return range === undefined ? 'null' : json.slice(range.from, range.to);
}

/** Of members with one name the last counts, as for JSON.parse. The text is the valid JSON of an object. */
function rangeOf(json: string, name: string): Range | undefined {
  let found: Range | undefined;
  let at = skipSpace(json, json.indexOf('{') + 1);
  while (json[at] === '"') {
    const keyEnd = endOfString(json, at);
    const from = skipSpace(json, skipSpace(json, keyEnd) + 1);
    const to = endOfValue(json, from);
    if (JSON.parse(json.slice(at, keyEnd)) === name) found = { from, to };
    at = skipSpace(json, to);
    if (json[at] === ',') at = skipSpace(json, at + 1);
  }
  return found;
}

function skipSpace(json: string, from: number): number {
  let at = from;
  while (/\s/.test(json[at] ?? '')) at += 1;
  return at;
}

/** Behind the closing quote of the string that begins at `from`. */
function endOfString(json: string, from: number): number {
  for (let end = json.indexOf('"', from + 1); end >= 0; end = json.indexOf('"', end + 1)) {
    let escapes = 0;
    while (json[end - 1 - escapes] === '\\') escapes += 1;
    if (escapes % 2 === 0) return end + 1;
  }
  return json.length;
}

function endOfValue(json: string, from: number): number {
  const first = json[from];
  if (first === '"') return endOfString(json, from);
  if (first === '{' || first === '[') return endOfNested(json, from);
  const end = /[\s,}\]]/g;
  end.lastIndex = from;
  return end.exec(json)?.index ?? json.length;
}

function endOfNested(json: string, from: number): number {
  const mark = /["{}[\]]/g;
  mark.lastIndex = from;
  let depth = 0;
  for (let found = mark.exec(json); found; found = mark.exec(json)) {
    const [sign] = found;
    if (sign === '"') {
      mark.lastIndex = endOfString(json, found.index);
      continue;
    }
    depth += sign === '{' || sign === '[' ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  return json.length;
}
