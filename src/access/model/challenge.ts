/** What a client is told that proved nobody (RFC 9110, 11.6.1; RFC 6750, 3; RFC 9728, 5.1). */
import { challenge } from './access.ts';
import type { TokenIssuer } from './token-issuer.ts';

/** Of a request: where it was sent to. */
export interface ChallengedRequest {
  /** Without a slash at the end. */
  readonly baseUrl: string;
  readonly path: string;
}

export type Challenge = (request: ChallengedRequest) => string;

const metadata = '/.well-known/oauth-protected-resource';

/** Where tokens are taken, clients are told where it is said how to get one, and with which scope. */
export function challengeOf(issuers: readonly Pick<TokenIssuer, 'scopes'>[]): Challenge {
  if (issuers.length === 0) return () => challenge;
  const scopes = scopesOf(issuers);
  const scope = scopes.length === 0 ? '' : `, scope="${scopes.join(' ')}"`;
  return ({ baseUrl, path }) =>
    `${challenge}, resource_metadata="${baseUrl}${metadata}${path === '/mcp' ? path : ''}"${scope}`;
}

export const scopesOf = (issuers: readonly Pick<TokenIssuer, 'scopes'>[]): string[] => [
  ...new Set(issuers.flatMap(({ scopes }) => scopes)),
];
