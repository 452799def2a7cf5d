/** Which HTTP requests the bridge takes: those of this machine, that post JSON to its path. */
import type { IncomingMessage } from 'node:http';

export interface Refusal {
  readonly status: number;
  readonly why: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Undefined where nothing speaks against it. */
export function refusalOf(
  { method, url = '/', headers }: IncomingMessage,
  path: string,
): Refusal | undefined {
  if (!isLoopback(`http://${headers.host ?? ''}`))
    return { status: 403, why: 'This host is not served here' };
  const { origin } = headers;
  if (origin !== undefined && !isLoopback(origin))
    return { status: 403, why: 'This origin is not served here' };
  if (url.split('?', 1)[0] !== path) return { status: 404, why: `MCP is at ${path}` };
  if (method !== 'POST') return { status: 405, why: 'Only POST is served', headers: { allow: 'POST' } };
  if (!/^application\/json\b/i.test(headers['content-type'] ?? ''))
    return { status: 415, why: 'The body must be application/json' };
  return undefined;
}

/** A page of another site that is open in a browser here reaches this port too, by its own name for it. */
function isLoopback(url: string): boolean {
  if (!URL.canParse(url)) return false;
  return ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname);
}
