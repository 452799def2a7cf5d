/** Text of the demo in a terminal of eighty columns. */

const columns = 80;

/** JSON broken before the names of fields, each further line indented as the first is. */
export function wrappedJson(value: unknown, first: string): string {
  const lines: string[] = [];
  let line = first;
  for (const part of JSON.stringify(value).split(/(?<=,)(?=")/)) {
    if (line.length + part.length > columns && line.trim() !== '') {
      lines.push(line);
      line = ' '.repeat(first.length);
    }
    line += part;
  }
  return [...lines, line].join('\n');
}

/** Cut where the line would be longer. */
export const fitted = (line: string): string =>
  line.length <= columns ? line : `${line.slice(0, columns - 1)}…`;
