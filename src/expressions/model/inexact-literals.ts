/** Numbers of an expression that are other ones once they are read, as those of JSON are (base/json-numbers.ts). */
import { inexactNumbers, refusedNumber } from '../../base/json-numbers.ts';
import { nodesIn, type SyntaxNode } from './syntax-tree.ts';

export interface InexactLiteral {
  readonly message: string;
  /** Where it begins in the source. */
  readonly position: number;
}

const numeralAtEnd = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** Longer ones are looked at from there on. */
const longestNumeral = 1_000;

/** In no particular order. */
export function inexactLiterals(source: string, tree: SyntaxNode): InexactLiteral[] {
  if (!/\d{16}/.test(source)) return [];
  return [...nodesIn(tree)].flatMap(({ type, position }) => {
    if (type !== 'number' || typeof position !== 'number') return [];
    const text = numeralBefore(source, position);
    return inexactNumbers(text).map((found) => ({
      message: refusedNumber(found).message,
      position: position - text.length,
    }));
  });
}

const numeralBefore = (source: string, end: number): string =>
  numeralAtEnd.exec(source.slice(Math.max(0, end - longestNumeral), end))?.[0] ?? '';
