/**
 * The only way to JSONata's parser and evaluator: an expression is parsed and evaluated within limits, and what
 * comes of it is plain JSON. The limits end what JSONata itself can end; what blocks a thread or fills the memory
 * inside one native function (a regular expression, `$pad`) only another process can end: bounded-expression.ts.
 */
import jsonata from 'jsonata';
import { ExpressionError } from './expression-error.ts';
import { toPlainJson } from './plain-json.ts';
import { hiddenIn, hideReserved, holdsReserved, isReserved, revealedIn } from './reserved-data.ts';

/** Values of variables by name, without `$`. */
export type Bindings = Readonly<Record<string, unknown>>;

/** Functions that expressions may call besides JSONata's own, by name; undefined takes one of JSONata's away. */
export type Functions = Readonly<Record<string, unknown>>;

const maxDepth = 500;
/** The longest sequence or range, in items. */
const maxSequence = 1_000_000;
/** Characters that the parser may come to look at. */
const mostParsed = 1_000_000;

/**
 * The parser copies what stands before `??` and `?:`, so that each one nested in another doubles its work.
 * They are counted in texts too: only a scan that is simpler than the parser cannot be led astray by quotes.
 */
function checkDoubling(source: string): void {
  const doublings = source.split(/\?[?:]/).length - 1;
  if (source.length * 2 ** doublings > mostParsed && doublings > 0)
    throw new ExpressionError('there are too many "??" and "?:" in it');
}

/** Throws JSONata's own error (`code`, `position`, `message`) when the source does not parse. */
export function parseJsonata(source: string, limits?: jsonata.JsonataOptions): jsonata.Expression {
  checkDoubling(source);
  return jsonata(source, limits);
}

/** A parsed expression and how it is evaluated. */
export interface Prepared {
  readonly tree: jsonata.ExprNode;
  /** Plain JSON, or undefined for no result. Rejects with what JSONata threw. */
  evaluate(bindings: Bindings): Promise<unknown>;
}

/** An expression to evaluate for at most `timeoutMs`, with these functions and without `$eval`. */
export function prepare(source: string, timeoutMs: number, functions: Functions): Prepared {
  const compile = (text: string): jsonata.Expression => {
    const expression = parseJsonata(text, { timeout: timeoutMs, stack: maxDepth, sequence: maxSequence });
    for (const [name, implementation] of Object.entries({ ...functions, eval: undefined }))
      if (text.includes(`$${name}`)) expression.assign(name, implementation);
    return expression;
  };
  const expression = compile(source);
  const mayMakeReserved = isReserved(source) || source.includes('$parse');
  let hidden: jsonata.Expression | undefined;
  return {
    tree: expression.ast(),
    async evaluate(bindings) {
      if (!mayMakeReserved && !holdsReserved(bindings))
        return plain(await expression.evaluate(undefined, bindings));
      hidden ??= compile(hideReserved(source));
      const value: unknown = await hidden.evaluate(undefined, { ...Object(hiddenIn(bindings)) });
      return revealedIn(plain(value));
    },
  };
}

const plain = (value: unknown): unknown => (value === undefined ? undefined : toPlainJson(value));
