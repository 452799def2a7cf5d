/**
 * Headers of requests that a definition may not set: those that are never sent, and those that hold credentials, which
 * everybody who may read the workflow would read.
 */
import type { Fault } from '../../base/errors.ts';
import { parseExpression, type SyntaxNode } from '../../expressions/model/syntax-tree.ts';
import { fieldPath, isExpression, sourceOf } from '../../expressions/model/template.ts';
import { holdsCredentials, whyNoHeader, whyNoHeaderValue } from '../../transport/model/request-headers.ts';
import type { WalkedStep } from './steps.ts';

const noCredentials =
  'holds a credential, and a definition may not: whoever may read the workflow would read it. Name where it is kept in authReference of the registration, and every call of the service carries it';

export const headerFaults = (walked: readonly WalkedStep[]): Fault[] =>
  walked.flatMap(({ step, path }) => {
    if (!('call' in step) || !('request' in step.call)) return [];
    const { headers } = step.call.request;
    const at = `${path}.call.request.headers`;
    if (typeof headers === 'string')
      return namesInExpression(headers).flatMap((name) => nameFaults(name, at));
    return Object.entries(headers ?? {}).flatMap(([name, value]) => {
      const faults = nameFaults(name, fieldPath(at, name));
      return faults.length > 0 ? faults : valueFaults(name, value, fieldPath(at, name));
    });
  });

function nameFaults(name: string, path: string): Fault[] {
  if (holdsCredentials(name)) return [{ path, message: `${name} ${noCredentials}` }];
  const refusal = whyNoHeader(name);
  return refusal === undefined ? [] : [{ path, message: `${name}: ${refusal}` }];
}

function valueFaults(name: string, value: unknown, path: string): Fault[] {
  if (value === null || (typeof value === 'string' && isExpression(value))) return [];
  const refusal = whyNoHeaderValue(name, value);
  return refusal === undefined ? [] : [{ path, message: refusal }];
}

/** The names that an expression writes into objects, where they are written as texts. */
function namesInExpression(headers: string): string[] {
  const parsed = isExpression(headers) ? parseExpression(sourceOf(headers)) : undefined;
  return parsed?.ok ? fieldNames(parsed.tree) : [];
}

/** Without recursion: an expression may be nested deeply. */
function fieldNames(tree: SyntaxNode): string[] {
  const names: string[] = [];
  const pending: unknown[] = [tree];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (typeof node !== 'object' || node === null) continue;
    const { type, value, lhs }: Readonly<Record<string, unknown>> = { ...node };
    if (type === 'unary' && value === '{' && Array.isArray(lhs)) names.push(...lhs.flatMap(keyOf));
    pending.push(...Object.values(node).filter((part) => part !== undefined));
  }
  return names;
}

const keyOf = (pair: unknown): string[] => {
  const key: unknown = Array.isArray(pair) ? Object(pair[0]).value : undefined;
  return typeof key === 'string' ? [key] : [];
};
