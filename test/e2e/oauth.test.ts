/** Tokens of a real issuer: the SDK's client of MCP finds it by itself, walks through the code flow with PKCE, and is let in. */
import { createServer } from 'node:http';
import type { OAuthClientProvider } from '@modelcontextprotocol/sdk/client/auth.js';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { OAuthTokens } from '@modelcontextprotocol/sdk/shared/auth.js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TokenIssuers } from '../../src/access/model/token-issuer.ts';
import { rest } from '../system/clients.ts';
import { freePort } from '../system/free-port.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { type OidcIssuer, signIn, startOidcIssuer } from '../system/oidc-issuer.ts';

const redirectUri = 'http://127.0.0.1:9/callback';
let issuer: OidcIssuer;
let system: TestSystem;

beforeAll(async () => {
  const port = await freePort();
  const api = `http://127.0.0.1:${port}`;
  const elsewhere = 'https://elsewhere.example.org';
  issuer = await startOidcIssuer({ redirectUri, resources: [api, `${api}/mcp`, elsewhere] });
  const tokenIssuers = TokenIssuers.parse([
    {
      issuer: issuer.url,
      name: 'id',
      audiences: [api, `${api}/mcp`],
      roles: { 'orchestrator-admins': 'admin', 'orchestrator-readers': 'viewer' },
      scopes: ['orchestrator'],
    },
  ]);
  system = await startTestSystem({ port, tokenIssuers });
}, 60_000);

afterAll(async () => {
  await system?.close();
  await issuer?.close();
});

/** What a client of MCP keeps of its way through the flow. */
function clientOf() {
  let asked: URL | undefined;
  let kept: OAuthTokens | undefined;
  let verifier = '';
  const provider: OAuthClientProvider = {
    redirectUrl: redirectUri,
    clientMetadata: { redirect_uris: [redirectUri], token_endpoint_auth_method: 'none' },
    clientInformation: () => ({ client_id: 'mcp-client' }),
    tokens: () => kept,
    saveTokens(tokens) {
      kept = tokens;
    },
    redirectToAuthorization(url) {
      asked = url;
    },
    saveCodeVerifier(text) {
      verifier = text;
    },
    codeVerifier: () => verifier,
  };
  return { provider, asked: () => asked, tokens: () => kept };
}

const transportOf = (authProvider: OAuthClientProvider) =>
  new StreamableHTTPClientTransport(new URL(system.endpoints.mcp), { authProvider });

/** Through the whole flow as this user; gives a client that is let in, and its access token. */
async function connected(login: string) {
  const flow = clientOf();
  const first = transportOf(flow.provider);
  await expect(new Client({ name: 'test', version: '1.0.0' }).connect(first)).rejects.toThrow(
    UnauthorizedError,
  );
  const url = flow.asked();
  if (url === undefined) throw new Error('the client asked no issuer');
  await first.finishAuth(await signIn(url, login));
  const client = new Client({ name: 'test', version: '1.0.0' });
  await client.connect(transportOf(flow.provider));
  return { client, url, token: flow.tokens()?.access_token ?? '' };
}

it('tells a client without a token where it is said how to get one', async () => {
  const { api } = system.endpoints;
  for (const [path, suffix] of [
    ['/v1/services', ''],
    ['/mcp', '/mcp'],
  ] as const) {
    const answer = await rest(system.endpoints, ['POST', path], { body: {} });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe(
      `Bearer realm="orchestrator", resource_metadata="${api}/.well-known/oauth-protected-resource${suffix}", scope="orchestrator"`,
    );
    const metadata = await rest(system.endpoints, ['GET', `/.well-known/oauth-protected-resource${suffix}`]);
    expect(metadata.body).toEqual({
      resource: `${api}${suffix}`,
      bearer_methods_supported: ['header'],
      resource_name: 'Orchestrator Service',
      authorization_servers: [issuer.url],
      scopes_supported: ['orchestrator'],
    });
  }
});

it('lets in the client of the SDK, in the role that its issuer says', async () => {
  const { client, url, token } = await connected('ann:orchestrator-readers');
  try {
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      code_challenge_method: 'S256',
      resource: system.endpoints.mcp,
      scope: 'orchestrator',
    });
    expect(await client.callTool({ name: 'list_services', arguments: {} })).toMatchObject({
      structuredContent: { services: [] },
    });
    expect(await client.callTool({ name: 'list_api_keys', arguments: {} })).toMatchObject({
      isError: true,
      _meta: {
        'orchestrator/error': {
          code: 'access.denied',
          detail: 'list_api_keys needs the role admin; you have viewer',
        },
      },
    });
  } finally {
    await client.close();
  }
  const headers = { authorization: `Bearer ${token}` };
  expect((await rest(system.endpoints, ['GET', '/v1/services'], { headers })).status).toBe(200);
});

it('makes an administrator of whom the issuer says so, who creates keys in its own name', async () => {
  const { client } = await connected('eve:orchestrator-admins');
  try {
    expect(
      await client.callTool({ name: 'create_api_key', arguments: { name: 'by eve', role: 'viewer' } }),
    ).toMatchObject({ structuredContent: { createdBy: 'id:eve:orchestrator-admins' } });
  } finally {
    await client.close();
  }
});

it('refuses a token of the same issuer that gives no role', async () => {
  await expect(connected('bob:others')).rejects.toThrow();
});

it('passes no token on to a service that is called', async () => {
  const { client, token } = await connected('kim:orchestrator-admins');
  const seen: string[] = [];
  const service = createServer((request, response) => {
    seen.push(JSON.stringify(request.headers));
    response.setHeader('content-type', 'application/json').end('{}');
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  try {
    const address = service.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const registered = { name: 'peer', transport: 'rest', url: `http://127.0.0.1:${port}` };
    await client.callTool({ name: 'register_service', arguments: registered });
    const call = { service: 'peer', request: { method: 'GET', path: '/' } };
    expect(await client.callTool({ name: 'call_service', arguments: call })).not.toHaveProperty('isError');
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.join('\n')).not.toContain(token);
    expect(seen.join('\n')).not.toContain('authorization');
  } finally {
    await client.close();
    service.close();
  }
});
