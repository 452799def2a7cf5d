/**
 * How large a definition may be: each version is one item of DynamoDB, of at most 400 KB, which holds the definition, its
 * input schema once more, and the names of what it needs. And how much may be in it, whatever it is: this is counted
 * before anything is read, since reading costs far more than counting.
 */
import type { Fault } from '../../base/errors.ts';
import { isExpression } from '../../expressions/model/template.ts';

/** The rest of the item is names and times. */
const mostBytes = 380_000;

const bytesOf = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value) ?? '').length;

/** What is wrong with the size of a definition as its author wrote it, which is nested no deeper than values may be. */
export function definitionSizeFault(definition: unknown): Fault | undefined {
  const inputSchema: unknown = Object(definition).inputSchema;
  const [whole, schema] = [bytesOf(definition), bytesOf(inputSchema)];
  if (whole + schema <= mostBytes) return undefined;
  const counted =
    schema === 0 ? `${whole} bytes` : `${whole} bytes, and ${schema} once more for its inputSchema`;
  return {
    path: '',
    message: `the definition has ${counted}, and may have ${mostBytes} in all: keep large texts and lists elsewhere, and pass on where they are`,
  };
}

const mostSteps = 500;
const mostExpressions = 5_000;

/** Of what is not yet known to be a definition. */
export function amountFaults(input: unknown): Fault[] {
  const [steps, expressions] = [stepsIn(Object(input).steps), expressionsIn(input)];
  return [
    ...tooMany('steps', steps, mostSteps, 'steps'),
    ...tooMany('', expressions, mostExpressions, 'expressions'),
  ];
}

const tooMany = (path: string, count: number, most: number, what: string): Fault[] =>
  count > most ? [{ path, message: `has ${count} ${what}; at most ${most} are allowed` }] : [];

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const sumOf = (values: readonly unknown[], count: (value: unknown) => number): number =>
  values.reduce<number>((sum, value) => sum + count(value), 0);

/** A branch without steps counts as one. */
const branchIn = (steps: unknown): number => Math.max(1, stepsIn(steps));

/** Steps of a list, with those inside of them. */
const stepsIn = (steps: unknown): number =>
  sumOf(listOf(steps), (step) => {
    const { parallel, choose, otherwise, forEach } = Object(step);
    const branches = sumOf(listOf(choose), (branch) => branchIn(Object(branch).steps));
    const inner = sumOf(listOf(parallel), branchIn) + stepsIn(otherwise) + stepsIn(Object(forEach).steps);
    return 1 + branches + inner;
  });

function expressionsIn(value: unknown): number {
  if (typeof value === 'string') return isExpression(value) ? 1 : 0;
  return typeof value === 'object' && value !== null ? sumOf(Object.values(value), expressionsIn) : 0;
}
