/** Update expressions whose placeholders are resolved and whose operands are checked. */
import { type ApiError, invalid } from '../api-error.ts';
import {
  type AttributeValue,
  isSetType,
  type SetType,
  typeOf,
  type ValueType,
} from '../values/attribute-value.ts';
import { checkApart } from './overlap.ts';
import type { Path, References } from './references.ts';
import type { WrittenTerm, WrittenUpdate } from './syntax.ts';

export type Term =
  | { readonly type: 'path'; readonly path: Path }
  | { readonly type: 'value'; readonly value: AttributeValue }
  | { readonly type: '+' | '-'; readonly terms: readonly [Term, Term] }
  | { readonly type: 'if_not_exists'; readonly path: Path; readonly otherwise: Term }
  | { readonly type: 'list_append'; readonly terms: readonly [Term, Term] };

export interface SetChange {
  readonly path: Path;
  readonly type: SetType;
  readonly members: readonly string[];
}

export type Addition = SetChange | { readonly path: Path; readonly number: string };

export interface Update {
  readonly set: readonly { readonly path: Path; readonly term: Term }[];
  readonly remove: readonly Path[];
  readonly add: readonly Addition[];
  readonly delete: readonly SetChange[];
}

const kind = 'UpdateExpression';
const conditionFunctions: ReadonlySet<string> = new Set([
  'attribute_exists',
  'attribute_not_exists',
  'attribute_type',
  'begins_with',
  'contains',
  'size',
]);

export const changedPaths = (update: Update): Path[] => [
  ...update.set.map(({ path }) => path),
  ...update.remove,
  ...update.add.map(({ path }) => path),
  ...update.delete.map(({ path }) => path),
];

export function bindUpdate(written: WrittenUpdate, references: References): Update {
  const pathOf = (path: readonly (string | number)[]): Path => references.path(kind, path);
  const update: Update = {
    set: written.set.map(({ path, term }) => ({ path: pathOf(path), term: bindTerm(term, references) })),
    remove: written.remove.map(pathOf),
    add: written.add.map(({ path, value }) => addition(pathOf(path), references.value(kind, value))),
    delete: written.delete.map(({ path, value }) => deletion(pathOf(path), references.value(kind, value))),
  };
  checkApart(changedPaths(update), fault);
  return update;
}

function bindTerm(written: WrittenTerm, references: References): Term {
  if (written.type === 'path') return { type: 'path', path: references.path(kind, written.path) };
  if (written.type === 'value') return { type: 'value', value: references.value(kind, written.name) };
  if (written.type === 'call') return bindCall(written, references);
  const terms: readonly [Term, Term] = [
    bindTerm(written.terms[0], references),
    bindTerm(written.terms[1], references),
  ];
  for (const term of terms)
    if (term.type === 'value' && !('N' in term.value)) throw mistyped(written.type, typeOf(term.value));
  return { type: written.type, terms };
}

function bindCall(
  { name, operands }: { readonly name: string; readonly operands: readonly WrittenTerm[] },
  references: References,
): Term {
  if (conditionFunctions.has(name))
    throw fault(`The function is not allowed in an update expression; function: ${name}`);
  if (name !== 'if_not_exists' && name !== 'list_append')
    throw fault(`Invalid function name; function: ${name}`);
  const [first, second, ...more] = operands.map((operand) => bindTerm(operand, references));
  if (first === undefined || second === undefined || more.length > 0)
    throw fault(
      `Incorrect number of operands for operator or function; operator or function: ${name}, number of operands: ${operands.length}`,
    );
  if (name === 'if_not_exists') {
    if (first.type !== 'path')
      throw fault(`Operator or function requires a document path; operator or function: ${name}`);
    return { type: name, path: first.path, otherwise: second };
  }
  for (const term of [first, second])
    if (term.type === 'value' && !('L' in term.value)) throw mistyped(name, typeOf(term.value));
  return { type: name, terms: [first, second] };
}

function addition(path: Path, value: AttributeValue): Addition {
  if ('N' in value) return { path, number: value.N };
  return setChange(path, value) ?? refuse('ADD', value);
}

const deletion = (path: Path, value: AttributeValue): SetChange =>
  setChange(path, value) ?? refuse('DELETE', value);

function setChange(path: Path, value: AttributeValue): SetChange | undefined {
  const type = typeOf(value);
  if (!isSetType(type)) return undefined;
  if ('SS' in value) return { path, type, members: value.SS };
  if ('NS' in value) return { path, type, members: value.NS };
  return 'BS' in value ? { path, type, members: value.BS } : undefined;
}

const longTypes: Readonly<Partial<Record<ValueType, string>>> = {
  S: 'STRING',
  N: 'NUMBER',
  B: 'BINARY',
  BOOL: 'BOOLEAN',
  L: 'LIST',
  M: 'MAP',
};

function refuse(operator: 'ADD' | 'DELETE', value: AttributeValue): never {
  const type = typeOf(value);
  throw fault(
    `Incorrect operand type for operator or function; operator: ${operator}, operand type: ${longTypes[type] ?? type}, typeSet: ALLOWED_FOR_${operator}_OPERAND`,
  );
}

const mistyped = (operator: string, type: ValueType): ApiError =>
  fault(
    `Incorrect operand type for operator or function; operator or function: ${operator}, operand type: ${type}`,
  );

const fault = (why: string): ApiError => invalid(`Invalid ${kind}: ${why}`);
