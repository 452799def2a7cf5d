/**
 * One JSONata expression, compiled once per state machine. Evaluation is bounded in time, depth and memory, so
 * that a runaway expression fails its state instead of stopping the engine. Paths such as `$fetch.id`, most of
 * what workflows hold, are read directly where that gives exactly what JSONata gives.
 */

import { type Bindings, boundExpression } from '../../../src/expressions/model/bounded-expression.ts';
import { nativeFunctions } from '../../../src/expressions/native-functions.ts';
import { evaluateApart } from './evaluator-processes.ts';

export type { Bindings };

export interface Expression {
  /** Without the delimiters, as causes quote it. */
  readonly source: string;
  /** Plain JSON, or undefined for no result. Rejects with what JSONata threw. */
  evaluate(bindings: Bindings): unknown | Promise<unknown>;
}

const plainPath = /^\$([A-Za-z_]\w*)((?:\.[A-Za-z_]\w*)*)$/;
const operatorWords = new Set(['and', 'or', 'in', 'function']);

/** Stands for: leave this one to JSONata. */
const unsure = Symbol('unsure');

type PathReader = (bindings: Bindings) => unknown;

function readPath(bindings: Bindings, variable: string, names: readonly string[]): unknown {
  if (!Object.hasOwn(bindings, variable)) return unsure;
  let value = bindings[variable];
  for (const name of names) {
    if (Array.isArray(value)) return unsure;
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = Reflect.get(value, name);
  }
  return value;
}

function compilePath(source: string): PathReader | undefined {
  const match = plainPath.exec(source.trim());
  const variable = match?.[1];
  if (match === null || variable === undefined) return undefined;
  const names = (match[2] ?? '').split('.').slice(1);
  if (names.some((name) => operatorWords.has(name))) return undefined;
  return (bindings) => readPath(bindings, variable, names);
}

/** Throws JSONata's own error (`code`, `position`, `message`) when the source does not parse. */
export function compileExpression(source: string): Expression {
  const whole = boundExpression(source, nativeFunctions);
  const path = compilePath(source);
  const evaluate = (bindings: Bindings): unknown | Promise<unknown> => {
    const value = path === undefined ? unsure : path(bindings);
    return value === unsure ? whole.evaluate(bindings, evaluateApart) : value;
  };
  return { source, evaluate };
}

/** The text of what JSONata, or a function called from it, threw: `T1006: Attempted to invoke a non-function`. */
export function expressionErrorText(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null) return String(thrown);
  const code: unknown = Reflect.get(thrown, 'code');
  const message: unknown = Reflect.get(thrown, 'message');
  return typeof code === 'string' ? `${code}: ${String(message)}` : String(message);
}
