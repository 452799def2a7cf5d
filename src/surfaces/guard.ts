/**
 * Refuses requests whose `Host` or `Origin` is not ours: a page in a browser must not reach a service on this
 * machine through a name that resolves here (DNS rebinding; MCP 2025-11-25, Transports: security warning).
 */
import { OrchestratorError } from '../domain/errors.ts';
import type { HttpRequest } from './http.ts';

/** Host names without port; `undefined` where a gateway in front has checked the host. */
export type AllowedHosts = readonly string[] | undefined;

export function guard({ headers }: HttpRequest, allowed: AllowedHosts): void {
  if (allowed === undefined) return;
  refuseUnless(
    allowed.includes(hostName(`http://${headers['host'] ?? ''}`)),
    `Host ${headers['host'] ?? '(none)'}`,
  );
  const { origin } = headers;
  if (origin !== undefined) refuseUnless(allowed.includes(hostName(origin)), `Origin ${origin}`);
}

function hostName(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : '';
}

function refuseUnless(allowed: boolean, what: string): void {
  if (!allowed)
    throw new OrchestratorError(
      'request.host-not-allowed',
      `${what.slice(0, 200)} is not allowed; ALLOWED_HOSTS lists those that are`,
    );
}
