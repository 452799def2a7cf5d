/**
 * The faults of a definition's shape, as its author reads them. Zod reports a failed union once for each of
 * its members; here the member is picked by the field that tells which one was meant.
 */
import type * as z from 'zod';
import type { Fault } from '../../base/errors.ts';
import { fieldPath, itemPath } from '../../expressions/model/template.ts';
import { stepKinds } from './definition.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** A union of the format: the fields that tell its members apart, in the order of the members. */
interface Alternatives {
  readonly keys: readonly string[];
  readonly demand: string;
}

const oneOf = (keys: readonly string[]): Alternatives => ({
  keys,
  demand: `needs exactly one of ${keys.join(', ')}`,
});
const steps = oneOf(stepKinds);
const calls = oneOf(['tool', 'request']);
const waits = oneOf(['seconds', 'until']);

/** Steps are the only members of arrays that are unions of objects. */
function alternativesAt(path: Path): Alternatives | undefined {
  const last = path.at(-1);
  if (typeof last === 'number') return isStepPath(path) ? steps : undefined;
  if (!isStepPath(path.slice(0, -1))) return undefined;
  if (last === 'call') return calls;
  return last === 'wait' ? waits : undefined;
}

const listsOfSteps: ReadonlySet<unknown> = new Set(['steps', 'otherwise', 'parallel']);

function isStepPath(path: Path): boolean {
  const [list, index] = path.slice(-2);
  if (typeof index !== 'number') return false;
  if (typeof list !== 'number') return list === 'steps' || list === 'otherwise';
  return listsOfSteps.has(path.at(-3));
}

export function renderPath(path: Path): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? itemPath(text, part) : fieldPath(text, String(part))),
    '',
  );
}

function valueAt(input: unknown, path: Path): unknown {
  let value = input;
  for (const part of path)
    value = typeof value === 'object' && value !== null ? Reflect.get(value, part) : undefined;
  return value;
}

const keysOf = (value: unknown): string[] =>
  typeof value === 'object' && value !== null ? Object.keys(value) : [];
const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function messageOf(issue: Issue, value: unknown): string {
  if (issue.code === 'invalid_type' && value === undefined) return 'is missing';
  return issue.message.replace(/^Invalid (input|option): /, '');
}

/** Zod's issues as faults, each at the path of what is wrong. */
export function structureFaults(issues: readonly Issue[], input: unknown, base: Path = []): Fault[] {
  return issues.flatMap((issue) => faultsOf(issue, input, [...base, ...issue.path]));
}

function faultsOf(issue: Issue, input: unknown, path: Path): Fault[] {
  const value = valueAt(input, path);
  const alternatives = alternativesAt(path);
  if (issue.code === 'invalid_union') return unionFaults(issue, input, path);
  if (issue.code !== 'unrecognized_keys')
    return [{ path: renderPath(path), message: messageOf(issue, value) }];
  if (alternatives && memberOf(value, alternatives) === undefined) {
    return [{ path: renderPath(path), message: alternatives.demand }];
  }
  return issue.keys.map((key) => ({ path: renderPath([...path, key]), message: 'is not a known field' }));
}

/** The member that the value's fields name; undefined when they name none or more than one. */
function memberOf(value: unknown, { keys }: Alternatives): number | undefined {
  const given = keys.filter((key) => keysOf(value).includes(key));
  return given.length === 1 && given[0] !== undefined ? keys.indexOf(given[0]) : undefined;
}

function unionFaults(issue: z.core.$ZodIssueInvalidUnion, input: unknown, path: Path): Fault[] {
  const alternatives = alternativesAt(path);
  const value = valueAt(input, path);
  if (value === undefined) return [{ path: renderPath(path), message: 'is missing' }];
  if (alternatives === undefined) return closestFaults(issue, input, path);
  if (!isObject(value)) return [{ path: renderPath(path), message: 'expected object' }];
  const member = memberOf(value, alternatives);
  const issues = member === undefined ? undefined : issue.errors[member];
  return issues
    ? structureFaults(issues, input, path)
    : [{ path: renderPath(path), message: alternatives.demand }];
}

/** A union of simple values has one message; one with an object or array member may fail deep inside. */
function closestFaults(issue: z.core.$ZodIssueInvalidUnion, input: unknown, path: Path): Fault[] {
  const deep = issue.errors.find((issues) => issues.every((inner) => inner.path.length > 0));
  if (deep && deep.length > 0) return structureFaults(deep, input, path);
  return [{ path: renderPath(path), message: issue.message }];
}
