/** What the functions talk to besides the local system: each peer answers at once, on loopback. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';
import * as z from 'zod';

export interface Peer {
  readonly url: string;
  close(): Promise<void>;
}

const Asked = z.object({ id: z.union([z.number(), z.string()]), method: z.string() });

const inputSchema = { type: 'object' };
const lists = { tools: [{ name: 'take', inputSchema }], resources: [], prompts: [] };
const done = { content: [{ type: 'text', text: '{"ok":true}' }], structuredContent: { ok: true } };

/** A service that answers with `{"ok": true}`: as JSON, or to whoever asks by JSON-RPC as the result of its one tool. */
export const startService = (): Promise<Peer> =>
  startPeer((path, text) => {
    if (path !== '/mcp') return { ok: true };
    const { id, method } = Asked.parse(JSON.parse(text));
    return { jsonrpc: '2.0', id, result: method.endsWith('/list') ? lists : done };
  });

/** Secrets Manager with one secret. */
export const startSecretsManager = (id: string, secret: string): Promise<Peer> =>
  startPeer((_path, text) => {
    z.object({ SecretId: z.literal(id) }).parse(JSON.parse(text));
    return { SecretString: secret };
  });

/** An issuer of tokens with one key; `token` signs one for an audience. */
export async function startIssuer(audience: string): Promise<Peer & { readonly token: string }> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const keys = [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig' }];
  const peer = await startPeer(() => ({ keys }));
  const seconds = Math.floor(Date.now() / 1000);
  const claims = { iss: peer.url, aud: audience, sub: 'ann', iat: seconds, exp: seconds + 86_000 };
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'RS256', kid: 'one', typ: 'at+jwt' })}.${part(claims)}`;
  const signature = sign('sha256', Buffer.from(signed), privateKey).toString('base64url');
  return { ...peer, token: `${signed}.${signature}` };
}

/** Where CloudFormation hears of custom resources. It takes success alone: a function that failed throws then. */
export const startCloudFormation = (): Promise<Peer> =>
  startPeer((_path, text) => {
    z.object({ Status: z.literal('SUCCESS') }).parse(JSON.parse(text));
    return {};
  });

/** Answers each request with what comes back for its path and body, and with status 400 when that throws. */
async function startPeer(answer: (path: string | undefined, text: string) => object): Promise<Peer> {
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    try {
      const body = JSON.stringify(answer(request.url, text));
      response.writeHead(200, { 'content-type': 'application/json' }).end(body);
    } catch {
      response.writeHead(400).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}`, close };
}
