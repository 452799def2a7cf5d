/** What LocalStack is started with, and that what is deployed there is of its free plan. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { readComposeFile } from './containers/compose-file.ts';
import { lambdaFolders } from './synthesized.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const text = (name: string): Promise<string> => readFile(join(root, name), 'utf8');
const composeFile = join(root, 'docker-compose.localstack.yml');

describe('docker-compose.localstack.yml', () => {
  const token = { LOCALSTACK_AUTH_TOKEN: 'a-token' };

  it('starts one pinned version, for this machine alone, with a health check', async () => {
    const { services } = await readComposeFile(composeFile, token);
    expect(Object.keys(services)).toEqual(['localstack']);
    expect(services['localstack']).toMatchObject({
      image: expect.stringMatching(/^localstack\/localstack:\d{4}\.\d{2}\.\d+$/),
      ports: ['127.0.0.1:4566:4566'],
      healthcheck: { test: expect.arrayContaining(['http://127.0.0.1:4566/_localstack/health']) },
      volumes: expect.arrayContaining(['/var/run/docker.sock:/var/run/docker.sock']),
    });
  });

  it('takes the token from the environment, and says where it comes from when it is missing', async () => {
    const { services } = await readComposeFile(composeFile, token);
    expect(services['localstack']?.environment['LOCALSTACK_AUTH_TOKEN']).toBe('a-token');
    await expect(readComposeFile(composeFile, {})).rejects.toThrow(
      /LOCALSTACK_AUTH_TOKEN: set LOCALSTACK_AUTH_TOKEN .*app\.localstack\.cloud/,
    );
  });

  it('runs the functions in the network of the example services', async () => {
    const { services, networks } = await readComposeFile(composeFile, token);
    const examples = await readComposeFile(join(root, 'docker-compose.yml'), { ADMIN_KEY: 'k'.repeat(32) });
    expect(networks).toEqual(examples.networks);
    expect(services['localstack']?.environment['LAMBDA_DOCKER_NETWORK']).toBe(networks['services']?.name);
  });
});

/** Of the Hobby plan (LocalStack: Licensing, API coverage). Of API Gateway that is REST, not HTTP and WebSocket. */
const freeServices = [
  'ApiGateway',
  'CDK',
  'CloudFormation',
  'CloudWatch',
  'DynamoDB',
  'Events',
  'IAM',
  'KMS',
  'Lambda',
  'Logs',
  'S3',
  'SNS',
  'SQS',
  'SSM',
  'Scheduler',
  'SecretsManager',
  'StepFunctions',
];

/** A custom resource is a function of ours. */
const isFree = (type: string): boolean =>
  type.startsWith('Custom::') || freeServices.includes(type.split('::')[1] ?? '');

const CdkJson = z.object({ context: z.record(z.string(), z.unknown()) });
const Template = z.object({ Resources: z.record(z.string(), z.object({ Type: z.string() })) });

/** The resource types of stage `local`, as the CDK app writes them; dummies stand for the bundles. */
async function deployedTypes(folder: string): Promise<string[]> {
  for (const name of await lambdaFolders()) {
    await mkdir(join(folder, 'dist/lambdas', name), { recursive: true });
    await writeFile(join(folder, 'dist/lambdas', name, 'handler.mjs'), `export const handler = '${name}';\n`);
  }
  const { context } = CdkJson.parse(JSON.parse(await text('cdk.json')));
  await promisify(execFile)(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), join(root, 'bin/orchestrator.ts')],
    {
      cwd: folder,
      timeout: 60_000,
      env: {
        ...process.env,
        CDK_CONTEXT_JSON: JSON.stringify({ ...context, stage: 'local' }),
        CDK_OUTDIR: join(folder, 'cdk.out'),
      },
    },
  );
  const files = await readdir(join(folder, 'cdk.out'));
  const templates = files.filter((file) => file.endsWith('.template.json'));
  const types = await Promise.all(
    templates.map(async (file) => {
      const { Resources } = Template.parse(JSON.parse(await readFile(join(folder, 'cdk.out', file), 'utf8')));
      return Object.values(Resources).map(({ Type }) => Type);
    }),
  );
  return [...new Set(types.flat())].sort();
}

describe('what is deployed to LocalStack', () => {
  it('is of services of its free plan only', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'orchestrator-free-'));
    try {
      const types = await deployedTypes(folder);
      expect(types).toEqual(expect.arrayContaining(['AWS::Lambda::Function', 'AWS::ApiGateway::RestApi']));
      expect(types.filter((type) => !isFree(type))).toEqual([]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }, 90_000);
});

describe('docs/localstack.md', () => {
  it('names the versions that are pinned, and the stage and the assembly that the script uses', async () => {
    const guide = await text('docs/localstack.md');
    const { services } = await readComposeFile(composeFile, { LOCALSTACK_AUTH_TOKEN: 'a-token' });
    expect(guide).toContain(services['localstack']?.image.split(':')[1]);
    const cdk = guide.split('\n').filter((line) => /cdk(-local\S*)? (bootstrap|deploy) /.test(line));
    expect(cdk.length).toBeGreaterThanOrEqual(4);
    for (const line of cdk) expect(line).toContain('-c stage=local --output cdk.out/localstack');
  });
});
