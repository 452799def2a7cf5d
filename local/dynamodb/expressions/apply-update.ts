/** An item as an update leaves it. Everything that an update reads is read from the item before it. */
import { type ApiError, invalid } from '../api-error.ts';
import {
  type AttributeChange,
  type AttributeValue,
  attributeOf,
  type Item,
  membersOf,
  setOf,
  typeOf,
  withAttribute,
  withAttributes,
  withoutAttribute,
} from '../values/attribute-value.ts';
import { addNumbers } from '../values/decimal.ts';
import { valueAt } from './path-access.ts';
import type { Path } from './references.ts';
import type { Addition, SetChange, Term, Update } from './update.ts';

type Change = readonly [Path, AttributeValue | undefined];

export function applyUpdate(update: Update, item: Item): Item {
  const changes: Change[] = [
    ...update.set.map(({ path, term }): Change => [path, evaluate(term, item)]),
    ...update.add.map((addition): Change => [addition.path, added(addition, valueAt(item, addition.path))]),
    ...update.delete.map((change): Change => [change.path, deleted(change, valueAt(item, change.path))]),
  ];
  const atTop = changes.flatMap(([path, value]) => topChange(path, value));
  const gone = update.remove.flatMap((path) => topChange(path, undefined));
  let next = withAttributes(item, [...atTop, ...gone]);
  const within = changes.filter(([path]) => path.length > 1);
  for (const [path, value] of within.sort(([one], [other]) => lastIndex(one) - lastIndex(other))) {
    if (value !== undefined) next = changed(next, path, value);
    else if (valueAt(next, path) !== undefined) next = changed(next, path, undefined);
  }
  // From the back of a list, so that no index means another member.
  const removals = update.remove.filter((path) => path.length > 1);
  for (const path of removals.sort((one, other) => lastIndex(other) - lastIndex(one)))
    next = removed(next, path);
  return next;
}

/** Most updates change attributes and nothing within them: these are changed all at once. */
function topChange(path: Path, value: AttributeValue | undefined): AttributeChange[] {
  const [name] = path;
  return path.length === 1 && typeof name === 'string' ? [[name, value]] : [];
}

const lastIndex = (path: Path): number => {
  const last = path.at(-1);
  return typeof last === 'number' ? last : -1;
};

function evaluate(term: Term, item: Item): AttributeValue {
  switch (term.type) {
    case 'value':
      return term.value;
    case 'path': {
      const value = valueAt(item, term.path);
      if (value !== undefined) return value;
      throw invalid('The provided expression refers to an attribute that does not exist in the item');
    }
    case 'if_not_exists':
      return valueAt(item, term.path) ?? evaluate(term.otherwise, item);
    case 'list_append': {
      const [first, second] = [evaluate(term.terms[0], item), evaluate(term.terms[1], item)];
      if (!('L' in first && 'L' in second)) throw mistyped();
      return { L: [...first.L, ...second.L] };
    }
    default: {
      const [left, right] = [evaluate(term.terms[0], item), evaluate(term.terms[1], item)];
      if (!('N' in left && 'N' in right)) throw mistyped();
      return { N: addNumbers(left.N, right.N, term.type === '+' ? 1 : -1) };
    }
  }
}

function added(addition: Addition, old: AttributeValue | undefined): AttributeValue {
  if ('number' in addition) {
    if (old === undefined) return { N: addition.number };
    if (!('N' in old)) throw mistyped();
    return { N: addNumbers(old.N, addition.number, 1) };
  }
  const { type, members } = addition;
  if (old === undefined) return setOf(type, members);
  if (typeOf(old) !== type) throw mistyped();
  return setOf(type, [...new Set([...(membersOf(old) ?? []), ...members])]);
}

/** A set without members is no attribute. */
function deleted({ type, members }: SetChange, old: AttributeValue | undefined): AttributeValue | undefined {
  if (old === undefined) return undefined;
  if (typeOf(old) !== type) throw mistyped();
  const left = (membersOf(old) ?? []).filter((member) => !members.includes(member));
  return left.length === 0 ? undefined : setOf(type, left);
}

function removed(item: Item, path: Path): Item {
  const parent = valueAt(item, path.slice(0, -1));
  const index = path.at(-1);
  const fits = typeof index === 'number' ? parent && 'L' in parent : parent && 'M' in parent;
  if (!fits) throw misplaced();
  return valueAt(item, path) === undefined ? item : changed(item, path, undefined);
}

/** With another value where the path leads to, or none. */
function changed(item: Item, path: Path, value: AttributeValue | undefined): Item {
  const [name, ...below] = path;
  if (typeof name !== 'string') throw misplaced();
  if (below.length > 0) {
    const old = attributeOf(item, name);
    if (old === undefined) throw misplaced();
    return withAttribute(item, name, changedWithin(old, below, value));
  }
  return value === undefined ? withoutAttribute(item, name) : withAttribute(item, name, value);
}

function changedWithin(old: AttributeValue, path: Path, value: AttributeValue | undefined): AttributeValue {
  const [part, ...below] = path;
  if (typeof part === 'string') {
    if (!('M' in old)) throw misplaced();
    return { M: changed(old.M, path, value) };
  }
  if (part === undefined || !('L' in old)) throw misplaced();
  const member = old.L[part];
  if (below.length > 0) {
    if (member === undefined) throw misplaced();
    return { L: old.L.with(part, changedWithin(member, below, value)) };
  }
  if (value === undefined) return { L: old.L.toSpliced(part, 1) };
  return { L: member === undefined ? [...old.L, value] : old.L.with(part, value) };
}

const misplaced = (): ApiError =>
  invalid('The document path provided in the update expression is invalid for update');

const mistyped = (): ApiError => invalid('An operand in the update expression has an incorrect data type');
