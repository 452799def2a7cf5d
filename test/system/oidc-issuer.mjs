/** A real issuer of tokens (oidc-provider) as a process: OIDC with PKCE, resource indicators and JWT access tokens. */
import { generateKeyPairSync } from 'node:crypto';
import Provider from 'oidc-provider';

const [port, redirectUri, ...resources] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** Names of users say which roles they have: `ann:orchestrator-admins`. */
const rolesOf = (accountId = '') => accountId.split(':').slice(1);

const provider = new Provider(issuer, {
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'RS256' }] },
  clients: [
    {
      client_id: 'mcp-client',
      token_endpoint_auth_method: 'none',
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
    },
  ],
  scopes: ['openid', 'offline_access', 'orchestrator'],
  pkce: { required: () => true },
  findAccount: (_context, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
  extraTokenClaims: (_context, token) => ({ roles: rolesOf(token.accountId) }),
  features: {
    devInteractions: { enabled: true },
    resourceIndicators: {
      enabled: true,
      useGrantedResource: () => true,
      getResourceServerInfo(_context, resource) {
        if (!resources.includes(resource)) throw new Error(`no such resource: ${resource}`);
        return { scope: 'orchestrator', audience: resource, accessTokenFormat: 'jwt', accessTokenTTL: 300 };
      },
    },
  },
});

provider.listen(Number(port), '127.0.0.1', () => console.log(issuer));
