/** `npm run deploy:localstack` as a process, against a stand-in for LocalStack's health and one for npm. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { devNull, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../system/free-port.ts';
import {
  type Answer,
  type FakeLocalStack,
  healthy,
  startFakeLocalStack,
} from './localstack/fake-localstack.ts';
import { type FakeNpm, type FakeNpmOptions, installFakeNpm } from './localstack/fake-npm.ts';

const program = fileURLToPath(new URL('../../tools/deploy-localstack.ts', import.meta.url));

let folder: string;
let npm: FakeNpm;
let localStack: FakeLocalStack | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orchestrator-localstack-'));
});

afterEach(async () => {
  await localStack?.close();
  localStack = undefined;
  await rm(folder, { recursive: true, force: true });
});

interface Situation extends FakeNpmOptions {
  /** What LocalStack answers; none: it is not running. */
  readonly answers?: readonly Answer[];
  readonly env?: Record<string, string>;
}

async function deploy({ answers = [healthy], env = {}, ...ofNpm }: Situation = {}) {
  npm = await installFakeNpm(folder, ofNpm);
  if (answers.length > 0) localStack = await startFakeLocalStack(...answers);
  const endpoint = localStack?.endpoint ?? `http://127.0.0.1:${await freePort()}`;
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), program], {
    cwd: folder,
    env: {
      PATH: [folder, process.env['PATH']].join(delimiter),
      HOME: folder,
      LOCALSTACK_ENDPOINT: endpoint,
      LOCALSTACK_WAIT_SECONDS: '0',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  let complained = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complained += text;
  });
  await once(child, 'close', { signal: AbortSignal.timeout(20_000) });
  return { code: child.exitCode, said, complained, calls: await npm.calls() };
}

const apiOutputs = {
  'orchestrator-local-api': { Endpoint: 'https://abc123.execute-api.us-east-1.amazonaws.com/local/' },
};

describe('deploying to LocalStack', () => {
  it('builds, bootstraps and deploys all stacks of stage local with the CDK CLI of the repository', async () => {
    const { code, calls } = await deploy({ outputs: apiOutputs });
    expect(code).toBe(0);
    const local = ['-c', 'stage=local', '--output', 'cdk.out/localstack'];
    const cdk = ['exec', '--no', '--', 'cdk'];
    expect(calls.map(({ args }) => args)).toEqual([
      ['run', 'build'],
      [...cdk, 'bootstrap', 'aws://000000000000/us-east-1', ...local],
      [
        ...cdk,
        'deploy',
        '--all',
        '--require-approval',
        'never',
        '--outputs-file',
        'cdk.out/localstack/outputs.json',
        ...local,
      ],
    ]);
  });

  it('sets endpoints and an account that exists nowhere for every command', async () => {
    const { calls } = await deploy({ outputs: apiOutputs });
    expect(calls).toHaveLength(3);
    for (const { env } of calls)
      expect(env).toMatchObject({
        AWS_ENDPOINT_URL: localStack?.endpoint,
        AWS_ENDPOINT_URL_S3: localStack?.endpoint,
        AWS_ACCESS_KEY_ID: 'orchestratorLocalStack',
        AWS_SECRET_ACCESS_KEY: 'orchestratorLocalStack',
        AWS_REGION: 'us-east-1',
        AWS_DEFAULT_REGION: 'us-east-1',
        AWS_CONFIG_FILE: devNull,
        AWS_SHARED_CREDENTIALS_FILE: devNull,
        GMAIL_SERVICE_URL: 'http://gmail:8001',
        NOTIFY_SERVICE_URL: 'http://notify:8004',
        HOME: folder,
      });
  });

  it('passes on nothing of the AWS settings of whoever runs it, nor the token', async () => {
    const { code, said, complained, calls } = await deploy({
      outputs: apiOutputs,
      env: {
        AWS_PROFILE: 'real-profile',
        AWS_DEFAULT_PROFILE: 'real-profile',
        AWS_ACCESS_KEY_ID: 'real-key',
        AWS_SECRET_ACCESS_KEY: 'real-secret',
        AWS_SESSION_TOKEN: 'real-session',
        AWS_SECURITY_TOKEN: 'real-session',
        AWS_ROLE_ARN: 'real-role',
        AWS_WEB_IDENTITY_TOKEN_FILE: 'real-file',
        AWS_CONTAINER_CREDENTIALS_FULL_URI: 'real-uri',
        AWS_REGION: 'real-region',
        AWS_CONFIG_FILE: 'real-config',
        AWS_ENDPOINT_URL_DYNAMODB: 'real-endpoint',
        CDK_DEFAULT_ACCOUNT: 'real-account',
        LOCALSTACK_AUTH_TOKEN: 'real-token',
      },
    });
    expect(code).toBe(0);
    expect(calls).toHaveLength(3);
    expect(JSON.stringify(calls)).not.toContain('real-');
    expect(said + complained).not.toContain('real-');
  });

  it('lets the environment say where a service is', async () => {
    const { calls } = await deploy({
      outputs: apiOutputs,
      env: { GMAIL_SERVICE_URL: 'http://host.docker.internal:8001', GRAPH_SERVICE_URL: '' },
    });
    expect(calls[2]?.env).toMatchObject({
      GMAIL_SERVICE_URL: 'http://host.docker.internal:8001',
      GRAPH_SERVICE_URL: 'http://graph:8003',
    });
  });

  it('says where the API answers, as LocalStack names it', async () => {
    const { said } = await deploy({ outputs: apiOutputs });
    const port = new URL(localStack?.endpoint ?? '').port;
    expect(said).toContain('LocalStack 2026.09.0 answers');
    expect(said).toContain(`http://abc123.execute-api.localhost.localstack.cloud:${port}/local\n`);
    expect(said).toContain(`http://127.0.0.1:${port}/_aws/execute-api/abc123/local\n`);
    expect(said).not.toContain('get-secret-value');
  });

  it('understands an output that already has the name of LocalStack', async () => {
    const Endpoint = 'https://abc123.execute-api.us-east-1.localhost.localstack.cloud:4566/local/';
    const { said } = await deploy({ outputs: { 'orchestrator-local-api': { Endpoint } } });
    expect(said).toContain('/_aws/execute-api/abc123/local\n');
  });

  it('says how to read the admin key when there is one', async () => {
    const { said } = await deploy({
      outputs: { ...apiOutputs, other: { AdminKeySecret: 'orchestrator/local/admin-key' } },
    });
    expect(said).toContain('get-secret-value --secret-id orchestrator/local/admin-key');
    expect(said).toContain(`--endpoint-url ${localStack?.endpoint}`);
  });

  it('says how to find the API when no output names it', async () => {
    const { code, said } = await deploy({ outputs: {} });
    expect(code).toBe(0);
    expect(said).toContain('apigateway get-rest-apis');
  });

  it.each([
    ['build', 3, 1],
    ['bootstrap', 4, 2],
    ['deploy', 5, 3],
  ])('ends with the exit code of %s when that fails, and runs nothing after it', async (word, code, ran) => {
    const { complained, ...ended } = await deploy({ failAt: { word, code } });
    expect(ended.code).toBe(code);
    expect(ended.calls).toHaveLength(ran);
    expect(complained).toMatch(new RegExp(`^npm .*${word}.* failed: exit code ${code}\n$`));
  });
});

describe('when LocalStack is not there', () => {
  it('says so with the reason and both ways to start it, and runs nothing', async () => {
    const { code, complained, calls } = await deploy({ answers: [] });
    expect(code).toBe(1);
    expect(calls).toEqual([]);
    expect(complained).toMatch(
      /^LocalStack does not answer at http:\/\/127\.0\.0\.1:\d+ \(.*ECONNREFUSED.*\)\.\n/,
    );
    expect(complained).toContain('docker compose -f docker-compose.localstack.yml up -d --wait');
    expect(complained).toContain('lstk start');
    expect(complained).toContain('docs/localstack.md');
  });

  it('waits for one that is still starting', async () => {
    const starting = { status: 503, body: {} };
    const { code, calls } = await deploy({
      answers: [starting, starting, healthy],
      outputs: apiOutputs,
      env: { LOCALSTACK_WAIT_SECONDS: '15' },
    });
    expect(localStack?.asked()).toBe(3);
    expect(code).toBe(0);
    expect(calls).toHaveLength(3);
  });

  it('says that something else answers there', async () => {
    const { code, complained, calls } = await deploy({
      answers: [{ status: 200, body: { hello: 'world' } }],
    });
    expect(code).toBe(1);
    expect(calls).toEqual([]);
    expect(complained).toContain('what answers there is not LocalStack');
  });

  it.each([
    ['https://cloudformation.us-east-1.amazonaws.com', 'is AWS itself'],
    ['https://dynamodb.cn-north-1.amazonaws.com.cn', 'is AWS itself'],
    ['localhost', 'must be an http url'],
  ])('refuses %s as its endpoint', async (endpoint, why) => {
    const { code, complained, calls } = await deploy({ env: { LOCALSTACK_ENDPOINT: endpoint } });
    expect(code).toBe(1);
    expect(calls).toEqual([]);
    expect(complained).toContain(`LOCALSTACK_ENDPOINT ${why}`);
  });
});
