/** The expressions of a request, or what stood for them before there were any. */
import { invalid } from '../api-error.ts';
import { bindCondition, type Condition } from '../expressions/condition.ts';
import { type LegacyConditions, legacyCondition } from '../expressions/legacy.ts';
import { checkApart } from '../expressions/overlap.ts';
import { parseCondition } from '../expressions/parse-condition.ts';
import { parseProjection } from '../expressions/parse-projection.ts';
import type { Path, Placeholders, References } from '../expressions/references.ts';

type Parameters = Readonly<Record<string, unknown>>;

/** Throws when both kinds of parameters are there, or placeholders and no expression. */
export function checkParameters(
  input: Parameters & Placeholders,
  { expressions, others }: { readonly expressions: readonly string[]; readonly others: readonly string[] },
): void {
  const isPresent = (name: string): boolean => input[name] !== undefined;
  const [present, legacy] = [expressions.filter(isPresent), others.filter(isPresent)];
  if (present.length > 0 && legacy.length > 0)
    throw invalid(
      `Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {${legacy.join(', ')}} Expression parameters: {${present.join(', ')}}`,
    );
  if (present.length > 0) return;
  const absent = `${expressions.join(' and ')} ${expressions.length > 1 ? 'are' : 'is'} null`;
  for (const name of ['ExpressionAttributeNames', 'ExpressionAttributeValues'] as const) {
    if (input[name] === undefined) continue;
    if (legacy.length > 0)
      throw invalid(
        `Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {${legacy.join(', ')}} Expression parameters: {${name}}`,
      );
    throw invalid(`${name} can only be specified when using expressions: ${absent}`);
  }
}

export interface ConditionInput extends Placeholders {
  readonly ConditionExpression?: string | undefined;
  readonly Expected?: LegacyConditions | undefined;
  readonly ConditionalOperator?: 'AND' | 'OR' | undefined;
}

/** Undefined where there is none. */
export function conditionOf(input: ConditionInput, references: References): Condition | undefined {
  const { ConditionExpression: text, Expected: expected, ConditionalOperator: operator } = input;
  if (expected !== undefined && Object.keys(expected).length > 0) return legacyCondition(expected, operator);
  return text === undefined ? undefined : boundCondition('ConditionExpression', text, references);
}

export const boundCondition = (
  kind: 'ConditionExpression' | 'FilterExpression',
  text: string,
  references: References,
): Condition => bindCondition(kind, parseCondition(kind, text), references);

export interface ProjectionInput extends Placeholders {
  readonly ProjectionExpression?: string | undefined;
  readonly AttributesToGet?: readonly string[] | undefined;
}

const kind = 'ProjectionExpression';

/** Undefined: all of the item. */
export function projectionOf(input: ProjectionInput, references: References): readonly Path[] | undefined {
  const { ProjectionExpression: text, AttributesToGet: names } = input;
  if (names !== undefined) {
    if (new Set(names).size < names.length)
      throw invalid('One or more parameter values were invalid: Duplicate value in attribute name');
    return names.map((name) => [name]);
  }
  if (text === undefined) return undefined;
  const paths = parseProjection(text).map((path) => references.path(kind, path));
  checkApart(paths, (why) => invalid(`Invalid ${kind}: ${why}`));
  return paths;
}
