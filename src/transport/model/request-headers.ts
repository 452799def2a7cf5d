/**
 * Which headers a workflow may set on a REST request: one list for whoever checks a definition and for whoever sends.
 * An allow list: content negotiation, preconditions on a write, tracing, and a service's own `X-` headers. Refused are
 * headers that frame or route the message (Host, Content-Length, Connection, …), those the orchestrator sets
 * (Idempotency-Key), those a proxy or AWS acts on (X-Forwarded-*, X-Amz-*, X-HTTP-Method-Override), and credentials
 * (Authorization, Cookie): a definition is readable by everyone who may see the workflow.
 */

import { describeValue } from '../../expressions/model/describe-value.ts';

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
const notSent = /[^\t\x20-\x7e]/;

/** Why a header of this name, in any case, is never sent for a workflow. */
export function whyNoHeader(name: string): string | undefined {
  const lower = name.toLowerCase();
  const isAllowed = allowed.has(lower) || (extension.test(lower) && !refusedExtensions.test(lower));
  return isAllowed ? undefined : 'this header may not be set by a workflow';
}

/** Why a header may not have this value; the value itself may be a secret, and is not told. */
export function whyNoHeaderValue(name: string, value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
    return `is ${describeValue(value)}, expected text, a number, true or false`;
  const text = String(value);
  const at = text.search(notSent);
  if (at >= 0)
    return `has ${character(text, at)} at position ${at}, and a header is sent as printable ASCII; encode it, as with $encodeUrlComponent`;
  if (name.toLowerCase() === 'content-type' && !jsonType.test(text))
    return `is ${describeValue(value)}, expected a type of JSON: a body is sent as JSON`;
  return undefined;
}

function character(text: string, at: number): string {
  const point = text.codePointAt(at) ?? 0;
  const code = `U+${point.toString(16).toUpperCase().padStart(4, '0')}`;
  return point > 0x9f ? `"${String.fromCodePoint(point)}" (${code})` : code;
}

const credentials =
  /^(?:(?:proxy-)?authorization|cookie2?|x-(?:api-?key|auth|auth-key|auth-token|access-key|access-token|authorization|secret|secret-key|session-token|vault-token))$/;

/** Whether headers of this name hold credentials; some are sent for versions that were defined before they were refused. */
export const holdsCredentials = (name: string): boolean => credentials.test(name.toLowerCase());
