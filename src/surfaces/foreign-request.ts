/**
 * What a browser must not bring here: requests to a name that only resolves here (DNS rebinding; MCP 2025-11-25,
 * Transports: security warning), and requests of pages that are not ours, of this machine's other ports too.
 */

import { OrchestratorError } from '../base/errors.ts';
import { hostOf } from './host-header.ts';
import type { HttpRequest } from './http.ts';

export interface Allowed {
  /** As `hostOf` gives them; undefined where a gateway in front has checked the host, and callers prove who they are. */
  readonly hosts: readonly string[] | undefined;
  /** Of pages that may call besides our own: `https://app.example.com`. */
  readonly origins: readonly string[];
}

export interface Sent {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Where the caller reaches us. */
  readonly baseUrl: string;
}

/** Why the request is refused; undefined for one that may come in. */
export function whyForeign({ headers, baseUrl }: Sent, allowed: Allowed): string | undefined {
  if (allowed.hosts === undefined) return undefined;
  const host = textOf(headers['host']);
  if (!allowed.hosts.includes(hostOf(host) ?? ''))
    return `${shown('Host', host)}; ALLOWED_HOSTS lists those that are`;
  const origin = textOf(headers['origin']);
  if (origin !== undefined)
    return origin === originOf(baseUrl) || allowed.origins.includes(origin)
      ? undefined
      : `${shown('Origin', origin)}; ALLOWED_ORIGINS lists those that are`;
  const site = textOf(headers['sec-fetch-site']);
  return site === undefined || site === 'same-origin' || site === 'none'
    ? undefined
    : `${shown('Sec-Fetch-Site', site)}: the request was made by a page of somebody else`;
}

const textOf = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header.join(', ') : header;

const originOf = (url: string): string | undefined => (URL.canParse(url) ? new URL(url).origin : undefined);

const shown = (name: string, value: string | undefined): string =>
  `${name} ${(value ?? '(none)').slice(0, 200)} is not allowed`;

/** Throws `request.host-not-allowed`. */
export function refuseForeign(request: HttpRequest, allowed: Allowed): void {
  const refusal = whyForeign(request, allowed);
  if (refusal !== undefined) throw new OrchestratorError('request.host-not-allowed', refusal);
}
