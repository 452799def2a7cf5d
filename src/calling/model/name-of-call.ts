/**
 * Under which name a call is counted: its tool, or the method and the path of a request. A segment of the path that looks
 * like an id is `*`, so that `/nodes/17` and `/nodes/18` are counted together; Step Functions has evaluated the path before
 * it is seen here, so that its template is not known.
 */
import type { EvaluatedCall } from '../../transport/model/call.ts';

const longest = 128;

/** With a digit or what words of a path do not have, or too long for one. */
const looksLikeId = (segment: string): boolean => segment.length > 32 || /[^A-Za-z._-]/.test(segment);

export function nameOfCall(call: EvaluatedCall): string {
  if ('tool' in call) return call.tool.slice(0, longest);
  const { method, path } = call.request;
  return `${method} ${withoutIds(path)}`.slice(0, longest);
}

const withoutIds = (path: string): string =>
  (path.split(/[?#]/, 1)[0] ?? '')
    .split('/')
    .map((segment) => (looksLikeId(segment) && !/^v\d{1,2}$/.test(segment) ? '*' : segment))
    .join('/');
