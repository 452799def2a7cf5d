/**
 * Results kept by reference: what stands in a state machine for a result that is too large for it. The key
 * `resultRef` is reserved for that: a result which itself has such a key is always kept by reference, so that
 * no service can answer something that reads as a reference.
 */
import * as z from 'zod';
import { fieldPath, itemPath } from '../../expressions/model/template.ts';
import { largestResultBytes } from '../../transport/model/call.ts';

/** The largest result that a state machine holds itself, in bytes of JSON. */
export const largestInlineBytes = 32_768;

/** Where a result is kept, in the execution whose step it is of. */
export const ResultReference = z.strictObject({
  /** The occurrence of the step. */
  step: z.string().regex(/^[\w/]{1,900}$/),
  /** The first digits of the hash of its JSON: other contents are never taken for it. */
  id: z.string().regex(/^[0-9a-f]{16}$/),
  /** The items that it is kept in. */
  chunks: z.int().min(1).max(16),
  bytes: z.int().min(0).max(largestResultBytes),
});
export type ResultReference = z.infer<typeof ResultReference>;

/** What a variable of the state machine holds in place of the result. */
const Standing = z.strictObject({ resultRef: ResultReference });

/** What stands in place of an expression which looks inside such a result: it is evaluated outside. */
const Marker = z.strictObject({
  resultRef: z.strictObject({ at: z.string(), values: z.record(z.string(), z.unknown()).optional() }),
});

export const referenceIn = (value: unknown): ResultReference | undefined =>
  mayRefer(value) ? Standing.safeParse(value).data?.resultRef : undefined;

const mayRefer = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, 'resultRef');

/** Whether a text that `JSON.stringify` wrote has the reserved key, at any depth. */
export const hasReservedKey = (json: string): boolean => json.includes('"resultRef":');

/** Every reference in a value. */
export function* referencesOf(value: unknown): Generator<ResultReference> {
  const reference = referenceIn(value);
  if (reference) yield reference;
  else if (typeof value === 'object' && value !== null)
    for (const part of Object.values(value)) yield* referencesOf(part);
}

/** What to put in place of the value at a path; undefined leaves it, and looks inside of it. */
export type Replace = (value: unknown, path: string) => { readonly by: unknown } | undefined;

/** A copy of a JSON value with some of its parts replaced. */
export function replaceParts(value: unknown, replace: Replace, path = ''): unknown {
  const replaced = replace(value, path);
  if (replaced) return replaced.by;
  if (Array.isArray(value))
    return value.map((part, index) => replaceParts(part, replace, itemPath(path, index)));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, replaceParts(part, replace, fieldPath(path, key))]),
  );
}

/** An expression that is still to be evaluated, and what its marker carries. */
export interface Pending {
  readonly path: string;
  readonly source: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/**
 * The expressions of a template, by their paths, in whose places markers stand. Elsewhere a marker is data,
 * and what is evaluated is the text of the template, never one that came with data.
 */
export function pendingIn(
  value: unknown,
  expressions: Readonly<Record<string, string>>,
  root = '',
): Pending[] {
  const pending: Pending[] = [];
  visitParts(value, root, (part, path) => {
    const source = Object.hasOwn(expressions, path) ? expressions[path] : undefined;
    const marker = mayRefer(part) ? Marker.safeParse(part).data?.resultRef : undefined;
    if (source !== undefined && marker?.at === path)
      pending.push({ path, source, values: marker.values ?? {} });
  });
  return pending;
}

function visitParts(value: unknown, path: string, see: (part: unknown, path: string) => void): void {
  see(value, path);
  if (typeof value !== 'object' || value === null) return;
  for (const [key, part] of Object.entries(value)) {
    visitParts(part, Array.isArray(value) ? itemPath(path, Number(key)) : fieldPath(path, key), see);
  }
}
