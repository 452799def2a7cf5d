/**
 * Which headers of a workflow definition go out with a REST request. An allow list: content negotiation,
 * preconditions on a write, tracing, and a service's own `X-` headers. Refused are headers that frame or
 * route the message (Host, Content-Length, Connection, …), those the orchestrator sets (Idempotency-Key),
 * those a proxy or AWS acts on (X-Forwarded-*, X-Amz-*, X-HTTP-Method-Override), and credentials
 * (Authorization, Cookie): a definition is readable by everyone who may see the workflow.
 */
import type { Fault } from '../domain/errors.ts';

const allowed = new Set([
  'accept',
  'accept-language',
  'content-language',
  'content-type',
  'if-match',
  'if-unmodified-since',
  'prefer',
  'traceparent',
  'tracestate',
]);
const refusedExtensions =
  /^x-(amz-|amzn-|forwarded|real-ip$|original-|rewrite-|client-ip$|cluster-client-ip$|http-method|method-override$)/;
const extension = /^x-[a-z0-9][a-z0-9_-]*$/;
const jsonType = /^application\/([a-z0-9!#$&^_.-]+\+)?json\s*(;|$)/i;
/** Visible ASCII, spaces and tabs: nothing that could end the header (RFC 9110, 5.5). */
const headerValue = /^[\t\x20-\x7e]*$/;

/** The headers to send, in lower case, and the fault of each that is refused. Undefined and null are left out. */
export function forwardedHeaders(given: Readonly<Record<string, unknown>>) {
  const headers: Record<string, string> = {};
  const faults: Fault[] = [];
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || value === null) continue;
    const refusal = refusalOf(name.toLowerCase(), value);
    if (refusal === undefined) headers[name.toLowerCase()] = String(value);
    else faults.push({ path: `request.headers.${name}`, message: refusal });
  }
  return { headers, faults };
}

function refusalOf(name: string, value: unknown): string | undefined {
  if (!allowed.has(name) && !(extension.test(name) && !refusedExtensions.test(name))) {
    return 'this header may not be set by a workflow';
  }
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
    return 'a header is a string, a number or a boolean';
  }
  if (!headerValue.test(String(value))) return 'a header holds printable ASCII only';
  if (name === 'content-type' && !jsonType.test(String(value))) return 'a body is sent as JSON';
  return undefined;
}
