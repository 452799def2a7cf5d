/**
 * What of a request to a REST service cannot be sent: one list for whoever sends it and for whoever tries a workflow
 * without calling anybody. Paths are those of a call: `request.query.limit`.
 */
import type { Fault } from '../../base/errors.ts';
import { describeValue } from '../../expressions/model/describe-value.ts';
import { fieldPath, itemPath } from '../../expressions/model/template.ts';
import { whyNoHeader, whyNoHeaderValue } from './request-headers.ts';

export interface Request {
  readonly method: string;
  readonly path: unknown;
  readonly query?: unknown;
  readonly headers?: unknown;
  readonly body?: unknown;
}

/** Every fault; null in a query or a header leaves it out. */
export const requestFaults = ({ method, path, query, headers, body }: Request): Fault[] => [
  ...pathFaults(path),
  ...partsOf('request.query', query, queryFaults),
  ...partsOf('request.headers', headers, headerFaults),
  ...(method === 'GET' && body !== undefined
    ? [{ path: 'request.body', message: 'is given, and a GET has no body' }]
    : []),
];

function pathFaults(path: unknown): Fault[] {
  const message = typeof path === 'string' ? whyNoPath(path) : unfit(path, 'text');
  return message === undefined ? [] : [{ path: 'request.path', message }];
}

/** Why a request cannot have this path: it stays below the url of its service, in whatever spelling. */
export function whyNoPath(path: string): string | undefined {
  if (!path.startsWith('/') || path.startsWith('//'))
    return `${unfit(path, 'a path that begins with one "/"')}`;
  const [odd] = /[\p{Cc}\\#]/u.exec(path) ?? [];
  if (odd !== undefined) return `has ${JSON.stringify(odd)}, which a path cannot have`;
  const decoded = percentDecoded(path.split('?', 1)[0] ?? '');
  if (decoded === undefined)
    return 'has a "%" that is followed by no two hexadecimal digits of UTF-8: write %25';
  const climbs = decoded.split(/[/\\]/).some((segment) => segment === '.' || segment === '..');
  return climbs ? 'has a segment "." or "..", which a path cannot have' : undefined;
}

function percentDecoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

function partsOf(
  path: string,
  parts: unknown,
  faultsOf: (name: string, value: unknown, path: string) => Fault[],
): Fault[] {
  if (parts === undefined) return [];
  if (typeof parts !== 'object' || parts === null || Array.isArray(parts))
    return [{ path, message: unfit(parts, 'an object') }];
  return Object.entries(parts).flatMap(([name, value]) => faultsOf(name, value, fieldPath(path, name)));
}

function queryFaults(_name: string, value: unknown, path: string): Fault[] {
  if (!Array.isArray(value)) return queryValueFaults(value, path);
  return value.flatMap((item, index) => queryValueFaults(item, itemPath(path, index)));
}

const queryValueFaults = (value: unknown, path: string): Fault[] =>
  typeof value === 'object' && value !== null
    ? [{ path, message: unfit(value, 'text, a number, true or false') }]
    : [];

function headerFaults(name: string, value: unknown, path: string): Fault[] {
  if (value === undefined || value === null) return [];
  const message = whyNoHeader(name) ?? whyNoHeaderValue(name, value);
  return message === undefined ? [] : [{ path, message }];
}

const unfit = (value: unknown, expected: string): string =>
  `is ${describeValue(value)}, expected ${expected}`;
