/** Update expressions: SET, REMOVE, ADD and DELETE, each at most once. */
import { parseOperand, parsePath, parseValueName } from './parse-operand.ts';
import type { WrittenPath, WrittenTerm, WrittenUpdate } from './syntax.ts';
import { TokenReader } from './tokens.ts';

type Section = 'SET' | 'REMOVE' | 'ADD' | 'DELETE';
const sections: readonly Section[] = ['SET', 'REMOVE', 'ADD', 'DELETE'];

export function parseUpdate(text: string): WrittenUpdate {
  const reader = new TokenReader('UpdateExpression', text);
  const seen = new Set<Section>();
  let update: WrittenUpdate = { set: [], remove: [], add: [], delete: [] };
  let repeated: Section | undefined;
  do {
    const section = sections.find((keyword) => reader.takesWord(keyword));
    if (section === undefined) throw reader.unexpected();
    if (seen.has(section)) repeated ??= section;
    seen.add(section);
    update = { ...update, ...parseSection(reader, section) };
  } while (reader.next.kind !== 'end');
  if (repeated !== undefined)
    throw reader.fault(`The "${repeated}" section can only be used once in an update expression;`);
  return update;
}

function parseSection(reader: TokenReader, section: Section): Partial<WrittenUpdate> {
  if (section === 'SET') return { set: parseList(reader, parseAssignment) };
  if (section === 'REMOVE') return { remove: parseList(reader, parsePath) };
  const changes = parseList(reader, parseChange);
  return section === 'ADD' ? { add: changes } : { delete: changes };
}

function parseList<T>(reader: TokenReader, parse: (reader: TokenReader) => T): T[] {
  const list = [parse(reader)];
  while (reader.takes(',')) list.push(parse(reader));
  return list;
}

function parseAssignment(reader: TokenReader): { path: WrittenPath; term: WrittenTerm } {
  const path = parsePath(reader);
  reader.expect('=');
  return { path, term: parseTerm(reader) };
}

function parseChange(reader: TokenReader): { path: WrittenPath; value: string } {
  return { path: parsePath(reader), value: parseValueName(reader) };
}

const deepestParentheses = 200;

function parseTerm(reader: TokenReader, depth = 0): WrittenTerm {
  let term = parseInnerTerm(reader, depth);
  for (;;) {
    if (reader.takes('+')) term = { type: '+', terms: [term, parseInnerTerm(reader, depth)] };
    else if (reader.takes('-')) term = { type: '-', terms: [term, parseInnerTerm(reader, depth)] };
    else return term;
  }
}

function parseInnerTerm(reader: TokenReader, depth: number): WrittenTerm {
  if (!reader.takes('(')) return parseOperand(reader);
  if (depth > deepestParentheses) throw reader.unexpected();
  const term = parseTerm(reader, depth + 1);
  reader.expect(')');
  return term;
}
