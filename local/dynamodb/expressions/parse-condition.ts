/** Condition, filter and key condition expressions: NOT binds closer than AND, AND closer than OR. */
import { parseOperand } from './parse-operand.ts';
import type { Comparator, WrittenCondition, WrittenOperand } from './syntax.ts';
import { type ExpressionKind, TokenReader } from './tokens.ts';

const mostOperators = 300;
const deepestParentheses = 200;
const comparators: readonly Comparator[] = ['=', '<>', '<', '<=', '>', '>='];

/** An operand may stand in parentheses too, so what is in them is known only at their end. */
type Parsed =
  | { readonly condition: WrittenCondition; readonly parentheses?: true }
  | { readonly operand: WrittenOperand; readonly parentheses?: true };

export function parseCondition(kind: ExpressionKind, text: string): WrittenCondition {
  const parser = new ConditionParser(new TokenReader(kind, text));
  return parser.whole();
}

class ConditionParser {
  readonly #reader: TokenReader;
  #operators = 0;
  #depth = 0;
  #redundant = false;

  constructor(reader: TokenReader) {
    this.#reader = reader;
  }

  whole(): WrittenCondition {
    const condition = this.#condition(this.#or());
    this.#reader.expectEnd();
    if (this.#redundant) throw this.#reader.fault('The expression has redundant parentheses;');
    if (this.#operators > mostOperators)
      throw this.#reader.fault(
        `The expression contains more than the maximum number of operators; operator count: ${this.#operators}`,
      );
    return condition;
  }

  #condition(parsed: Parsed): WrittenCondition {
    if ('condition' in parsed) return parsed.condition;
    const { operand } = parsed;
    if (operand.type !== 'call') throw this.#reader.unexpected();
    return { ...operand, type: 'function' };
  }

  #or(): Parsed {
    return this.#chain('OR', 'or', () => this.#and());
  }

  #and(): Parsed {
    return this.#chain('AND', 'and', () => this.#not());
  }

  #chain(keyword: string, type: 'and' | 'or', part: () => Parsed): Parsed {
    let left = part();
    while (this.#reader.isWord(keyword)) {
      const first = this.#condition(left);
      this.#reader.take();
      this.#operators += 1;
      left = { condition: { type, conditions: [first, this.#condition(part())] } };
    }
    return left;
  }

  #not(): Parsed {
    let count = 0;
    while (this.#reader.takesWord('NOT')) count += 1;
    this.#operators += count;
    if (count === 0) return this.#primary();
    const condition = this.#condition(this.#primary());
    return { condition: count % 2 === 0 ? condition : { type: 'not', condition } };
  }

  #primary(): Parsed {
    const left = this.#reader.takes('(') ? this.#inParentheses() : { operand: this.#operand() };
    if ('condition' in left) return left;
    const { kind, text } = this.#reader.next;
    if (kind === 'symbol' && comparators.some((comparator) => comparator === text))
      return this.#comparison(left.operand);
    if (this.#reader.isWord('BETWEEN')) return this.#between(left.operand);
    if (this.#reader.isWord('IN')) return this.#in(left.operand);
    return left;
  }

  #inParentheses(): Parsed {
    this.#depth += 1;
    if (this.#depth > deepestParentheses) throw this.#reader.unexpected();
    const inner = this.#or();
    this.#reader.expect(')');
    this.#depth -= 1;
    if (inner.parentheses) this.#redundant = true;
    return { ...inner, parentheses: true };
  }

  #comparison(left: WrittenOperand): Parsed {
    const comparator = this.#comparator();
    this.#operators += 1;
    return { condition: { type: 'compare', comparator, operands: [left, this.#inOperand()] } };
  }

  #comparator(): Comparator {
    const { text } = this.#reader.take();
    const found = comparators.find((comparator) => comparator === text);
    if (found === undefined) throw this.#reader.unexpected();
    return found;
  }

  #between(operand: WrittenOperand): Parsed {
    this.#reader.take();
    this.#operators += 1;
    const lower = this.#inOperand();
    this.#reader.expectWord('AND');
    return { condition: { type: 'between', operands: [operand, lower, this.#inOperand()] } };
  }

  #in(operand: WrittenOperand): Parsed {
    this.#reader.take();
    this.#operators += 1;
    this.#reader.expect('(');
    const operands = [operand, this.#inOperand()];
    while (this.#reader.takes(',')) operands.push(this.#inOperand());
    this.#reader.expect(')');
    return { condition: { type: 'in', operands } };
  }

  /** With or without parentheses around it. */
  #inOperand(): WrittenOperand {
    if (!this.#reader.takes('(')) return this.#operand();
    const operand = this.#operand();
    this.#reader.expect(')');
    return operand;
  }

  #operand(): WrittenOperand {
    return parseOperand(this.#reader);
  }
}
