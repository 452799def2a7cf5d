import { parsePath } from './parse-operand.ts';
import type { WrittenPath } from './syntax.ts';
import { TokenReader } from './tokens.ts';

export function parseProjection(text: string): readonly WrittenPath[] {
  const reader = new TokenReader('ProjectionExpression', text);
  const paths = [parsePath(reader)];
  while (reader.takes(',')) paths.push(parsePath(reader));
  reader.expectEnd();
  return paths;
}
