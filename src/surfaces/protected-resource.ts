/**
 * `/.well-known/oauth-protected-resource`: how a client that knows only the url of the API, or of its MCP endpoint,
 * finds out how to authenticate (RFC 9728; MCP 2025-11-25, Authorization).
 */
import { scopesOf } from '../access/model/challenge.ts';
import type { TokenIssuer } from '../access/model/token-issuer.ts';
import type { HttpRequest } from './http.ts';

const path = '/.well-known/oauth-protected-resource';

/** The path of each document, and below the API the resource that it is about (RFC 9728, 3.1 and 3.3). */
const resources: ReadonlyMap<string, string> = new Map([
  [path, ''],
  [`${path}/mcp`, '/mcp'],
]);

export const isProtectedResource = (asked: string): boolean => resources.has(asked);

export interface Issuers {
  /** One that is only named to clients. */
  readonly named: string | undefined;
  readonly taken: readonly Pick<TokenIssuer, 'issuer' | 'scopes'>[];
}

export function protectedResource(
  { baseUrl, path: asked }: Pick<HttpRequest, 'baseUrl' | 'path'>,
  { named, taken }: Issuers,
) {
  const servers = [
    ...new Set([...taken.map(({ issuer }) => issuer), ...(named === undefined ? [] : [named])]),
  ];
  const scopes = scopesOf(taken);
  return {
    resource: `${baseUrl}${resources.get(asked) ?? ''}`,
    bearer_methods_supported: ['header'],
    resource_name: 'Orchestrator Service',
    ...(servers.length > 0 && { authorization_servers: servers }),
    ...(scopes.length > 0 && { scopes_supported: scopes }),
  };
}
