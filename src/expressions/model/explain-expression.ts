/**
 * Why an expression failed, in its author's words: where it stands, what was written, what the values in it were,
 * and what was expected. Only read where something failed: it loads JSONata's parser.
 */
import { nearestName } from '../../base/nearest-name.ts';
import type { Bindings } from './bounded-expression.ts';
import { describeValue, listed, shortened } from './describe-value.ts';
import { type PlainPath, pathsIn, writePath } from './plain-path.ts';
import { parseExpression } from './syntax-tree.ts';

/** An expression of a definition, without its delimiters. */
export interface FailedExpression {
  readonly path: string;
  readonly source: string;
  /** As in "expected a value". */
  readonly expected: string;
}

/** What it came to, or what was thrown. */
export type Reason = { readonly value: unknown } | { readonly thrown: string };

const mostOperands = 3;
const longestSource = 300;

export const explainExpression = (failed: FailedExpression, reason: Reason, bindings: Bindings): string =>
  `${failed.path}: ${explainReason(failed, reason, bindings)}`;

/** The same without the path. */
export function explainReason(
  { source, expected }: Omit<FailedExpression, 'path'>,
  reason: Reason,
  bindings: Bindings,
): string {
  const written = `{% ${shortened(source, longestSource)} %}`;
  const operands = operandsOf(source, bindings).slice(0, mostOperands);
  if ('thrown' in reason) return [`${written} failed: ${reason.thrown}`, ...operands.map(stated)].join('; ');
  const came = `${written} came to ${describeValue(reason.value)}, expected ${expected}`;
  if (reason.value !== undefined) return came;
  const missing = operands.filter(({ value }) => value === undefined);
  return [came, ...(missing.length > 0 ? missing : operands).map(stated)].join('; ');
}

/** A path in an expression, and what is there. */
interface Operand {
  readonly path: PlainPath;
  readonly start: unknown;
  readonly value: unknown;
}

function operandsOf(source: string, bindings: Bindings): Operand[] {
  const parsed = parseExpression(source);
  if (!parsed.ok) return [];
  const paths = [...pathsIn(parsed.tree)].filter(({ variable }) => Object.hasOwn(bindings, variable));
  const distinct = new Map(paths.map((path) => [JSON.stringify(path), path]));
  return [...distinct.values()].map((path) => {
    const start = bindings[path.variable];
    return { path, start, value: valueAt(start, path.parts) };
  });
}

/** As JSONata goes along names and indexes: through arrays, and nothing where there is nothing. */
function valueAt(start: unknown, parts: PlainPath['parts']): unknown {
  let value: unknown = start;
  for (const part of parts) value = typeof part === 'number' ? itemOf(value, part) : fieldOf(value, part);
  return value;
}

const itemOf = (value: unknown, index: number): unknown =>
  Array.isArray(value) ? value.at(index) : index === 0 || index === -1 ? value : undefined;

function fieldOf(value: unknown, name: string): unknown {
  if (!Array.isArray(value))
    return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
      ? Reflect.get(value, name)
      : undefined;
  const found = value.map((item) => fieldOf(item, name)).filter((item) => item !== undefined);
  return found.length < 2 ? found[0] : found.flat();
}

function stated({ path, start, value }: Operand): string {
  const { variable, parts } = path;
  if (value !== undefined) return `${writePath(`$${variable}`, parts)} is ${describeValue(value)}`;
  const length = parts.findIndex((_part, index) => valueAt(start, parts.slice(0, index + 1)) === undefined);
  const before = parts.slice(0, length);
  return lacking(writePath(`$${variable}`, before), valueAt(start, before), parts[length]);
}

function lacking(where: string, value: unknown, part: string | number | undefined): string {
  if (typeof part !== 'string')
    return `${where}${part === undefined ? '' : `[${part}]`} is not there: ${where} is ${describeValue(value)}`;
  const keys = keysOf(value);
  if (keys.length === 0) return `${where} has no ${JSON.stringify(part)}: it is ${describeValue(value)}`;
  const nearest = nearestName(part, keys);
  const hint = nearest === undefined ? `it has ${listed(keys)}` : `did you mean ${JSON.stringify(nearest)}?`;
  return `${where} has no ${JSON.stringify(part)}, ${hint}`;
}

function keysOf(value: unknown): string[] {
  const objects = Array.isArray(value) ? value : [value];
  const keys = objects.flatMap((one) =>
    typeof one === 'object' && one !== null && !Array.isArray(one) ? Object.keys(one) : [],
  );
  return [...new Set(keys)];
}
