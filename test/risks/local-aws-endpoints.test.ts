/**
 * The local Step Functions and DynamoDB ports: who reaches them owns everything, so no page in a browser may call them,
 * and where the API wants a key they want a signature that only this system's own clients, and its operator, can make.
 */
import { execFileSync } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { ListStateMachinesCommand, SFNClient } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { restDoor, runToEnd } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { type RawAnswer, rawRequest } from '../system/raw-request.ts';

const adminKey = 'c0ffee-c0ffee-c0ffee-c0ffee-c0ffee-c0ffee';

let keyed: TestSystem;
let open: TestSystem;

beforeAll(async () => {
  keyed = await startTestSystem({ adminKey });
  open = await startTestSystem({ allowedOrigins: ['https://app.example.com'] });
}, 90_000);

afterAll(async () => {
  await keyed.close();
  await open.close();
});

const anybody = { accessKeyId: 'local', secretAccessKey: 'local' };

interface Caller {
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly systemClockOffset?: number;
  readonly requestHandler?: { handle(request: unknown): Promise<never> };
}

const endpoints = [
  {
    endpoint: 'Step Functions',
    urlOf: ({ endpoints: { stepFunctions } }: TestSystem) => stepFunctions,
    list: async (url: string, caller: Caller) => {
      const client = new SFNClient({ endpoint: url, region: 'us-east-1', maxAttempts: 1, ...caller });
      return (await client.send(new ListStateMachinesCommand({}))).stateMachines?.map(({ name }) => name);
    },
    found: ['orchestrator-local-changes', 'orchestrator-local-undo'],
    target: 'AWSStepFunctions.ListStateMachines',
    otherTarget: 'AWSStepFunctions.ListActivities',
  },
  {
    endpoint: 'DynamoDB',
    urlOf: ({ endpoints: { dynamodb } }: TestSystem) => dynamodb,
    list: async (url: string, caller: Caller) => {
      const client = new DynamoDBClient({ endpoint: url, region: 'us-east-1', maxAttempts: 1, ...caller });
      return (await client.send(new ListTablesCommand({}))).TableNames;
    },
    found: [
      'orchestrator-access',
      'orchestrator-audit',
      'orchestrator-executions',
      'orchestrator-instances',
      'orchestrator-registry',
      'orchestrator-telemetry',
    ],
    target: 'DynamoDB_20120810.ListTables',
    otherTarget: 'DynamoDB_20120810.DescribeLimits',
  },
] as const;

const Signed = z.object({
  headers: z.record(z.string(), z.string()),
  // The SDK's own kind of bytes.
  body: z
    .unknown()
    .transform((body) => (body instanceof Uint8Array ? Buffer.from(body).toString() : String(body))),
});
type Signed = z.infer<typeof Signed>;

/** The request as the SDK would send it. */
async function signedBy(
  list: (url: string, caller: Caller) => Promise<unknown>,
  url: string,
  caller: Caller,
): Promise<Signed> {
  let seen: unknown;
  const handle = async (request: unknown): Promise<never> => {
    seen = request;
    throw new Error('seen');
  };
  await list(url, { ...caller, requestHandler: { handle } }).catch(() => undefined);
  return Signed.parse(seen);
}

const sent = (url: string, { headers, body }: Signed, more: readonly string[] = []): Promise<RawAnswer> => {
  const kept = Object.entries(headers).filter(([name]) => name !== 'content-length');
  return rawRequest(url, {
    method: 'POST',
    headers: [...kept.map(([name, value]) => `${name}: ${value}`), ...more],
    body,
  });
};

const withHeader = ({ headers, body }: Signed, name: string, value: string): Signed => ({
  headers: { ...headers, [name]: value },
  body,
});

describe.each(endpoints)('the local $endpoint endpoint', ({ urlOf, list, found, target, otherTarget }) => {
  it('serves the clients of this machine where no key is set', async () => {
    expect(await list(urlOf(open), { credentials: anybody })).toEqual(found);
  });

  it.each([
    ['Host: evil.example.com'],
    ['Host: evil.com@127.0.0.1'],
    ['Host: 127.0.0.1', 'Host: evil.example.com'],
    ['Host: 127.0.0.1', 'Origin: http://localhost:3000'],
    ['Host: 127.0.0.1', 'Origin: https://app.example.com'],
    ['Host: 127.0.0.1', 'Origin: null'],
    ['Host: 127.0.0.1', 'Sec-Fetch-Site: cross-site'],
    ['Host: 127.0.0.1', 'Sec-Fetch-Site: same-site'],
  ])('refuses what a page may send, with a key and without: %s %s', async (...headers) => {
    for (const system of [open, keyed]) {
      for (const method of ['POST', 'OPTIONS', 'GET']) {
        const answer = await rawRequest(urlOf(system), {
          method,
          headers: [...headers, `X-Amz-Target: ${target}`, 'Content-Type: application/x-amz-json-1.0'],
          body: '{}',
        });
        expect(answer.status).toBe(403);
        expect(answer.head).not.toMatch(/access-control/i);
        expect(answer.body).toContain('AccessDeniedException');
      }
    }
  });

  it('answers the name that the SDK gives it for calls that wait', async () => {
    const request = await signedBy(list, urlOf(open), { credentials: anybody });
    const { host = '' } = request.headers;
    expect((await sent(urlOf(open), withHeader(request, 'host', `sync-${host}`))).status).toBe(200);
  });

  describe('with a key', () => {
    const own = () => {
      const { accessKeyId = '', secretAccessKey = '' } = keyed.endpoints;
      return { accessKeyId, secretAccessKey };
    };

    it('serves whoever signs with what endpoints.json tells', async () => {
      expect(await list(urlOf(keyed), { credentials: own() })).toEqual(found);
      for (const systemClockOffset of [-14 * 60_000, 14 * 60_000])
        expect(await list(urlOf(keyed), { credentials: own(), systemClockOffset })).toEqual(found);
    });

    it.each([
      [
        'MissingAuthenticationTokenException',
        'without a signature',
        (headers: Signed['headers']) => {
          const { authorization: _authorization, ...rest } = headers;
          return rest;
        },
      ],
      [
        'IncompleteSignatureException',
        'with the key of the API',
        (headers: Signed['headers']) => ({
          ...headers,
          authorization: `Bearer ${adminKey}`,
        }),
      ],
      [
        'InvalidSignatureException',
        'for another call',
        (headers: Signed['headers']) => ({
          ...headers,
          'x-amz-target': otherTarget,
        }),
      ],
      [
        'InvalidSignatureException',
        'with another signature',
        (headers: Signed['headers']) => ({
          ...headers,
          authorization: `${headers['authorization']?.slice(0, -64)}${'0'.repeat(64)}`,
        }),
      ],
      [
        'IncompleteSignatureException',
        'with a target that is not signed',
        (headers: Signed['headers']) => ({
          ...headers,
          authorization: headers['authorization']?.replace(';x-amz-target', '') ?? '',
        }),
      ],
    ])('answers %s to a request %s', async (type, _how, change) => {
      const request = await signedBy(list, urlOf(keyed), { credentials: own() });
      expect((await sent(urlOf(keyed), request)).status).toBe(200);
      const answer = await sent(urlOf(keyed), { ...request, headers: change(request.headers) });
      expect(answer.status).toBe(403);
      expect(answer.body).toContain(type);
    });

    it('refuses another body than the one that was signed', async () => {
      const request = await signedBy(list, urlOf(keyed), { credentials: own() });
      const answer = await sent(urlOf(keyed), { ...request, body: '{ }' });
      expect(answer.status).toBe(403);
      expect(answer.body).toContain('InvalidSignatureException');
    });

    it('refuses a wrong secret, an unknown key and old requests, by the names that the SDK knows', async () => {
      const refusalOf = (caller: Caller) =>
        list(urlOf(keyed), caller).then(
          () => 'none',
          (error: unknown) => (error instanceof Error ? error.name : ''),
        );
      const wrong = { ...own(), secretAccessKey: 'local' };
      expect(await refusalOf({ credentials: wrong })).toBe('InvalidSignatureException');
      expect(await refusalOf({ credentials: anybody })).toBe('UnrecognizedClientException');
      for (const systemClockOffset of [-16 * 60_000, 16 * 60_000])
        expect(await refusalOf({ credentials: own(), systemClockOffset })).toBe('InvalidSignatureException');
    });

    it('refuses what was signed for the other endpoint', async () => {
      const [other] = endpoints.filter((endpoint) => endpoint.list !== list);
      const request = await signedBy(other?.list ?? list, urlOf(keyed), { credentials: own() });
      const answer = await sent(urlOf(keyed), request);
      expect(answer.status).toBe(403);
      expect(answer.body).toContain('InvalidSignatureException');
    });
  });
});

it('the system itself has the secret: workflows run behind a key', async () => {
  const door = restDoor({ ...keyed.endpoints, adminKey });
  await door('define_workflow', { name: 'pauses', steps: [{ id: 'pause', wait: { seconds: 0 } }] });
  expect(await runToEnd(door, 'pauses')).toMatchObject({ status: 'SUCCEEDED' });
});

it('the secret is told to the operator alone', async () => {
  const { accessKeyId, secretAccessKey = '' } = keyed.endpoints;
  const file = join(keyed.dataDir, 'endpoints.json');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const told = JSON.parse(await readFile(file, 'utf8'));
  expect(told).toMatchObject({ accessKeyId, secretAccessKey });
  expect(Object.keys(told)).toEqual([
    'api',
    'mcp',
    'stepFunctions',
    'dynamodb',
    'accessKeyId',
    'secretAccessKey',
  ]);
  expect(secretAccessKey).toMatch(/^[\w-]{43}$/);
  const commands = execFileSync('ps', ['-e', '-o', 'args='], { encoding: 'utf8' });
  expect(commands.includes(secretAccessKey)).toBe(false);
  expect(await readFile(join(keyed.dataDir, 'log'), 'utf8')).not.toContain(secretAccessKey);
  expect(open.endpoints).not.toHaveProperty('secretAccessKey');
});
