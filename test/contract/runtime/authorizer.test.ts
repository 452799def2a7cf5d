/** The authorizer as API Gateway calls it, over a scripted Secrets Manager that checks what it is asked. */
import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  type Authorizer,
  createAuthorizer,
  createSecretAuthenticator,
} from '../../../src/runtime/authorizer.ts';

const adminKey = 'c0ffee-c0ffee-c0ffee-c0ffee-c0ffee-c0ffee';
const methodArn = 'arn:aws:execute-api:eu-central-1:123456789012:abc123/prod/GET/v1/executions';
const secretAccessKey = 'a-secret-access-key';

interface Asked {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let server: Server;
let asked: Asked[];
/** The status of the next answers; 200 after these. */
let statuses: number[];
let authorize: Authorizer;

beforeEach(async () => {
  asked = [];
  statuses = [];
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const { method, url: path, headers } = request;
    asked.push({ method, path, headers, body: Buffer.concat(chunks).toString() });
    const status = statuses.shift() ?? 200;
    const answer = status === 200 ? { SecretString: adminKey } : { message: `no ${adminKey}` };
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = z.object({ port: z.number() }).parse(server.address());
  authorize = createAuthorizer(
    createSecretAuthenticator({
      ADMIN_KEY_SECRET_ID: 'orchestrator/prod/admin-key',
      TOKEN_ISSUERS: [],
      EGRESS_ALLOWED_NETWORKS: '',
      ACCESS_TABLE: 'orchestrator-prod-access',
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: 'a-session-token',
      AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${port}`,
    }),
  );
});

afterEach(
  () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
);

const bearing = (key: string, name = 'Authorization') => ({
  methodArn,
  headers: { [name]: `Bearer ${key}` },
});

describe('the authorizer', () => {
  it('lets the key use every method of the stage, as admin', async () => {
    expect(await authorize(bearing(adminKey))).toEqual({
      principalId: 'admin',
      policyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Action: 'execute-api:Invoke',
            Effect: 'Allow',
            Resource: 'arn:aws:execute-api:eu-central-1:123456789012:abc123/prod/*',
          },
        ],
      },
      context: { role: 'admin', by: 'key' },
    });
  });

  it.each(['Authorization', 'authorization', 'AUTHORIZATION'])(
    'finds the key in the header %s',
    async (name) => {
      expect(await authorize(bearing(adminKey, name))).toMatchObject({ principalId: 'admin' });
    },
  );

  it.each([
    ['another key', { Authorization: 'Bearer another-key' }],
    ['the key and more', { Authorization: `Bearer ${adminKey}x` }],
    ['another scheme', { Authorization: `Basic ${adminKey}` }],
    ['the key without a scheme', { Authorization: adminKey }],
    ['two keys', { Authorization: `Bearer ${adminKey} ${adminKey}` }],
    ['the key in another header', { 'X-Api-Key': adminKey }],
    ['an empty header', { Authorization: '' }],
    ['no headers', null],
  ])('throws Unauthorized, which the gateway makes a 401 of, for %s', async (_what, headers) => {
    await expect(authorize({ methodArn, headers })).rejects.toThrow(/^Unauthorized$/);
  });
});

describe('the secret', () => {
  it('is asked for by a request that is signed as AWS wants it', async () => {
    await authorize(bearing(adminKey));
    expect(asked).toHaveLength(1);
    const [{ method, path, headers, body } = never()] = asked;
    expect({ method, path, body: JSON.parse(body) }).toEqual({
      method: 'POST',
      path: '/',
      body: { SecretId: 'orchestrator/prod/admin-key' },
    });
    expect(headers).toMatchObject({
      'x-amz-target': 'secretsmanager.GetSecretValue',
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-security-token': 'a-session-token',
    });
    const [, scope = '', names = '', signature = ''] =
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/(\S+), SignedHeaders=(\S+), Signature=([0-9a-f]{64})$/.exec(
        headers.authorization ?? '',
      ) ?? [];
    expect(scope).toMatch(/^\d{8}\/eu-central-1\/secretsmanager\/aws4_request$/);
    expect(names.split(';')).toEqual(expect.arrayContaining(['host', 'x-amz-date', 'x-amz-target']));
    expect(signature).toBe(signatureOf({ headers, body, scope, names }));
  });

  it('is asked for again when Secrets Manager fails once', async () => {
    statuses = [500];
    expect(await authorize(bearing(adminKey))).toMatchObject({ principalId: 'admin' });
    expect(asked).toHaveLength(2);
  });

  it('leaks into no error when it cannot be read, nor does what Secrets Manager says of it', async () => {
    statuses = [500, 500];
    const told = await toldBy(authorize(bearing(adminKey)));
    expect(told[0]).toBe('The secret could not be read');
    for (const secret of [adminKey, secretAccessKey, 'a-session-token'])
      expect(told.join('\n')).not.toContain(secret);
  });

  it.each([adminKey, `"${adminKey}"`, `{"SecretBinary":"${adminKey}"}`, `{"SecretString":["${adminKey}"]}`])(
    'leaks into no error when the answer is %s',
    async (answer) => {
      server.removeAllListeners('request').on('request', (request, response) => {
        request.resume();
        response.end(answer);
      });
      const told = await toldBy(authorize(bearing(adminKey)));
      expect(told[0]).toBe('The secret could not be read');
      expect(told.join('\n')).not.toContain('c0ffee');
    },
  );
});

/** What an error says, and those that caused it. */
async function toldBy(failing: Promise<unknown>): Promise<(string | undefined)[]> {
  const told: (string | undefined)[] = [];
  const error: unknown = await failing.catch((thrown: unknown) => thrown);
  for (let next = error; next instanceof Error; next = next.cause) told.push(next.message, next.stack);
  return told;
}

const never = (): never => {
  throw new Error('nothing was asked');
};

const hex = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

interface Signed {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly scope: string;
  readonly names: string;
}

/** Signature Version 4 of a POST to `/`, from what arrived (AWS: create a signed AWS API request). */
function signatureOf({ headers, body, scope, names }: Signed): string {
  const lines = names.split(';').map((name) => `${name}:${headers[name]}\n`);
  const canonical = ['POST', '/', '', lines.join(''), names, hex(body)].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, hex(canonical)].join('\n');
  const key = scope
    .split('/')
    .reduce<string | Buffer>((key, part) => hmac(key, part), `AWS4${secretAccessKey}`);
  return hmac(key, toSign).toString('hex');
}
