/** Paths, values and calls: what conditions and updates are made of. */
import type { WrittenOperand, WrittenPath } from './syntax.ts';
import type { TokenReader } from './tokens.ts';

export function parsePath(reader: TokenReader): WrittenPath {
  const path: (string | number)[] = [nameOf(reader)];
  for (;;) {
    if (reader.takes('.')) path.push(nameOf(reader));
    else if (reader.takes('[')) {
      if (reader.next.kind !== 'number') throw reader.unexpected();
      path.push(Number(reader.take().text));
      reader.expect(']');
    } else return path;
  }
}

function nameOf(reader: TokenReader): string {
  if (reader.next.kind !== 'word' && reader.next.kind !== 'name') throw reader.unexpected();
  return reader.take().text;
}

export function parseValueName(reader: TokenReader): string {
  if (reader.next.kind !== 'value') throw reader.unexpected();
  return reader.take().text;
}

const deepestCalls = 100;

export function parseOperand(reader: TokenReader, depth = 0): WrittenOperand {
  if (reader.next.kind === 'value') return { type: 'value', name: reader.take().text };
  const path = parsePath(reader);
  const [name] = path;
  if (path.length > 1 || typeof name !== 'string' || name.startsWith('#') || !reader.takes('('))
    return { type: 'path', path };
  if (depth > deepestCalls) throw reader.unexpected();
  const operands = [parseOperand(reader, depth + 1)];
  while (reader.takes(',')) operands.push(parseOperand(reader, depth + 1));
  reader.expect(')');
  return { type: 'call', name, operands };
}
