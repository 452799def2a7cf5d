/** The smoke check of a deployment, against a whole local system with a key, and against what it has to find out. */
import { createServer, type RequestListener, type Server } from 'node:http';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { type Patience, smokeCheck } from '../../../src/runtime/smoke-check.ts';
import { createSmokeCheck } from '../../../src/runtime/smoke-check-function.ts';
import { freePort } from '../../system/free-port.ts';
import { startTestSystem, type TestSystem } from '../../system/local-system.ts';
import { type CloudFormation, startCloudFormation } from './cloudformation.ts';
import { pausing } from './registry.ts';

const adminKey = 'c0ffee-c0ffee-c0ffee-c0ffee-c0ffee-c0ffee';
const failing = { name: 'fails', steps: [{ id: 'decide', approval: {}, timeoutSeconds: 1 }] };
const manifest = { services: [], workflows: [pausing('smoke-check', 1), pausing('slow', 600), failing] };
const impatient: Patience = { settledWithinMs: 300, endedWithinMs: 300, everyMs: 100 };
/** For workflows that have to end. */
const patient: Patience = { settledWithinMs: 300, endedWithinMs: 15_000, everyMs: 100 };

let system: TestSystem;
let open: TestSystem;
let cloudFormation: CloudFormation;
const servers: Server[] = [];

beforeAll(async () => {
  system = await startTestSystem({ adminKey, manifest });
  open = await startTestSystem({ manifest });
  cloudFormation = await startCloudFormation();
}, 60_000);

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

afterAll(async () => {
  await system.close();
  await open.close();
  await cloudFormation.close();
});

async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${z.object({ port: z.number() }).parse(server.address()).port}`;
}

const check = (url: string, workflow: string, { key = adminKey, patience = impatient } = {}) =>
  smokeCheck({ url, adminKey: key, workflow }, patience);

it('passes where health answers, the key is asked for, and the workflow succeeds', async () => {
  await expect(check(system.endpoints.api, 'smoke-check', { patience: patient })).resolves.toBeUndefined();
});

it('fails with a wrong key, and does not tell it', async () => {
  const key = 'another-key-another-key-another-key';
  const failed = check(system.endpoints.api, 'smoke-check', { key });
  await expect(failed).rejects.toThrow(
    /^POST \/v1\/executions answered 401 instead of 202: .*access\.unauthenticated/,
  );
  await expect(failed).rejects.not.toThrow(key);
});

it('fails where everybody gets in without the key', async () => {
  await expect(check(open.endpoints.api, 'smoke-check')).rejects.toThrow(
    /^GET \/v1\/executions answered 200 instead of 401: /,
  );
});

it('fails at once when the workflow does not succeed', async () => {
  await expect(check(system.endpoints.api, 'fails', { patience: patient })).rejects.toThrow(
    /^GET \/v1\/executions\/\w+ says that fails is FAILED instead of SUCCEEDED$/,
  );
});

it('fails when the workflow does not end in time', async () => {
  await expect(check(system.endpoints.api, 'slow')).rejects.toThrow(
    /^GET \/v1\/executions\/\w+ says that slow is still RUNNING$/,
  );
});

it('fails when there is no such workflow', async () => {
  await expect(check(system.endpoints.api, 'nobody')).rejects.toThrow(
    /^POST \/v1\/executions answered 404 instead of 202: .*workflow\.not-found/,
  );
});

it('fails when nobody answers, and says what was asked', async () => {
  await expect(check(`http://127.0.0.1:${await freePort()}`, 'smoke-check')).rejects.toThrow(
    /^GET \/healthz was not answered: .*ECONNREFUSED/,
  );
});

it('keeps trying while the stage settles, with its path before every request', async () => {
  const seen: string[] = [];
  const statuses = [503, 403];
  const url = await listen(async (request, response) => {
    const { method, url: path = '' } = request;
    seen.push(`${method} ${path}`);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const { authorization = '' } = request.headers;
    const passed = await fetch(`${system.endpoints.api}${path.replace('/prod', '')}`, {
      method: method ?? 'GET',
      headers: { authorization },
      ...(method === 'POST' && { body: Buffer.concat(chunks) }),
    });
    response.writeHead(statuses.shift() ?? passed.status).end(await passed.text());
  });
  await check(`${url}/prod`, 'smoke-check', { patience: { ...patient, settledWithinMs: 5_000 } });
  expect(seen.slice(0, 5)).toEqual([
    'GET /prod/healthz',
    'GET /prod/healthz',
    'GET /prod/healthz',
    'GET /prod/v1/executions',
    'POST /prod/v1/executions',
  ]);
  expect(seen.at(-1)).toMatch(/^GET \/prod\/v1\/executions\/\w+\?wait=10$/);
});

it('is the last resource of a deployment: it reads the key, and tells CloudFormation how it went', async () => {
  const secrets = await listen((request, response) => {
    request.resume();
    response.end(JSON.stringify({ SecretString: adminKey }));
  });
  const handler = createSmokeCheck({
    ADMIN_KEY_SECRET_ID: 'admin-key',
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL: secrets,
  });
  const Url = `${system.endpoints.api}/`;
  const ask = (ResourceProperties: object, RequestType: 'Create' | 'Update' | 'Delete' = 'Create') =>
    cloudFormation.ask(handler, { RequestType, ResourceProperties });
  expect(await ask({ Url, Workflow: 'smoke-check', Fingerprint: 'x' })).toMatchObject({ Status: 'SUCCESS' });
  expect(await ask({ Url, Workflow: 'fails', Fingerprint: 'y' }, 'Update')).toMatchObject({
    Status: 'FAILED',
    Reason: expect.stringMatching(/^GET \/v1\/executions\/\w+ says that fails is FAILED/),
  });
  expect(await ask({ Url: 'http://127.0.0.1:9/', Workflow: 'smoke-check' }, 'Delete')).toMatchObject({
    Status: 'SUCCESS',
  });
  expect(cloudFormation.puts.filter(({ body }) => body.includes(adminKey))).toEqual([]);
}, 30_000);
