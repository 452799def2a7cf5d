/**
 * Expressions of a workflow: what they refer to, and the same expression over the names of Step Functions.
 * A reference is replaced at its position in the text and nothing else is touched, so that the compiled
 * expression reads as its author wrote it.
 */

import { inexactLiterals } from '../../expressions/model/inexact-literals.ts';
import { parseExpression } from '../../expressions/model/syntax-tree.ts';
import { type Found, findReferences, type Reference } from './references.ts';

export { expressionsOf, partialExpressions, sourceOf } from '../../expressions/model/template.ts';

export type Analysis = ({ ok: true } & Found) | { ok: false; message: string; position?: number | undefined };

/** Analyses of the last expressions: each is asked about many times while its workflow is checked and compiled. */
const analysed = new Map<string, Analysis>();
const analysedAtMost = 5_000;

/** What an expression (without its delimiters) refers to, or why it is not valid. */
export function analyseExpression(source: string): Analysis {
  const known = analysed.get(source);
  if (known) return known;
  const analysis = analyseAnew(source);
  if (!analysis.ok) return analysis;
  if (analysed.size >= analysedAtMost) analysed.clear();
  analysed.set(source, analysis);
  return analysis;
}

function analyseAnew(source: string): Analysis {
  const parsed = parseExpression(source);
  if (!parsed.ok) return parsed;
  try {
    const found = findReferences(parsed.tree);
    return { ok: true, ...found, problems: [...found.problems, ...inexactLiterals(source, parsed.tree)] };
  } catch (thrown) {
    if (thrown instanceof RangeError) return { ok: false, message: 'is nested too deeply' };
    throw thrown;
  }
}

/** What Step Functions has in place of a variable; undefined leaves it as it is. */
export type Substitute = (name: string) => string | undefined;

const execution = '$states.context.Execution';

/** `$execution.id` and `$execution.startedAt`; the bare variable is an object of both. */
const executionFields: Readonly<Record<string, string>> = {
  id: `${execution}.Name`,
  startedAt: `${execution}.StartTime`,
};
const wholeExecution = `{'id': ${execution}.Name, 'startedAt': ${execution}.StartTime}`;

export const isExecutionField = (name: string): boolean => Object.hasOwn(executionFields, name);

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

function editFor(reference: Reference, substitute: Substitute): Edit | undefined {
  const { name, start, end, field } = reference;
  if (name === 'input') return { start, end, text: `${execution}.Input` };
  if (name === 'execution') {
    const path = field && executionFields[field.name];
    return path ? { start, end: field.end, text: path } : { start, end, text: wholeExecution };
  }
  const text = substitute(name);
  return text === undefined ? undefined : { start, end, text };
}

const applied = (source: string, { start, end, text }: Edit): string =>
  source.slice(0, start) + text + source.slice(end);

/** The expression with `$input`, `$execution` and what `substitute` names replaced; the source must be valid. */
export function rewriteExpression(source: string, substitute: Substitute): string {
  const analysis = analyseExpression(source);
  if (!analysis.ok) throw new Error(`expression ${analysis.message}`);
  const edits = analysis.references.flatMap((reference) => editFor(reference, substitute) ?? []);
  return edits.reduceRight(applied, source);
}
