/**
 * The image without an engine: the steps of the Dockerfile run in a clean folder, and the commands of
 * docker-compose.yml there, as the user of the image, over files that cannot be written. Packages come from the
 * npm cache or the registry.
 * @module-tag long
 */
import { chmod, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awaitStatus, type Door, rest, workflowIdOf } from '../system/clients.ts';
import { freePort } from '../system/free-port.ts';
import { type ComposeFile, readComposeFile } from './containers/compose-file.ts';
import { type Container, createContainer } from './containers/container.ts';
import { buildImage, type Image } from './containers/image.ts';

const repository = fileURLToPath(new URL('../../', import.meta.url));
const adminKey = 'a-key-for-this-test-and-nothing-else';

let folder: string;
let image: Image;
let compose: ComposeFile;
const containers = new Map<string, Container>();
const ports = new Map<string, number>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orchestrator-container-'));
  await chmod(folder, 0o755);
  compose = await readComposeFile(join(repository, 'docker-compose.yml'), { ADMIN_KEY: adminKey });
  image = await buildImage(repository, folder);
  for (const name of Object.keys(compose.services)) ports.set(name, await freePort());
  for (const [name, { environment }] of Object.entries(compose.services)) {
    const env = located({ ...environment, HOST: '127.0.0.1', PORT: String(portOf(name)) });
    containers.set(name, await createContainer({ image, folder: join(folder, `of-${name}`), env }));
  }
}, 180_000);

afterAll(async () => {
  for (const container of containers.values()) container.kill();
  if (process.getuid?.() !== 0) await writable(folder);
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** The names of the compose network, which does not exist here, as ports of this machine. */
const located = (env: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).map(([name, value]) => [
      name,
      value.replace(/^http:\/\/([a-z]+):\d+$/, (_url, host: string) => `http://127.0.0.1:${portOf(host)}`),
    ]),
  );

function portOf(name: string): number {
  const port = ports.get(name);
  if (port === undefined) throw new Error(`docker-compose.yml has no ${name}`);
  return port;
}

function container(name: string): Container {
  const found = containers.get(name);
  if (!found) throw new Error(`docker-compose.yml has no ${name}`);
  return found;
}

async function writable(path: string): Promise<void> {
  await chmod(path, 0o755);
  for (const entry of await readdir(path, { withFileTypes: true }))
    if (entry.isDirectory()) await writable(join(path, entry.name));
}

/** REST as the holder of the admin key. */
const door: Door = async (operation, input = {}) => {
  const api = `http://127.0.0.1:${portOf('orchestrator')}`;
  const headers = { authorization: `Bearer ${adminKey}` };
  const { status, body } = await rest({ api }, ['POST', `/tools/${operation}`], { body: input, headers });
  return { code: status >= 400 ? String(body['code']) : undefined, body };
};

/** The check of docker-compose.yml, without the word that says that no shell is needed. */
const checkOf = (name: string): string[] => compose.services[name]?.healthcheck.test.slice(1) ?? [];

async function untilHealthy(name: string): Promise<void> {
  const check = async () => (await container(name).exec(checkOf(name))).code;
  await expect
    .poll(check, { timeout: 30_000, interval: 200 })
    .toBe(0)
    .catch((error: unknown) => {
      throw new Error(`${name} did not become healthy; it said: ${container(name).said()}`, { cause: error });
    });
}

describe('the image', () => {
  it('holds what local mode needs and no development tools', async () => {
    const app = await readdir(join(image.root, image.workdir));
    expect(app.sort()).toEqual([
      'bin',
      'docs',
      'examples',
      'local',
      'node_modules',
      'package.json',
      'src',
      'tsconfig.json',
    ]);
    const packages = await readdir(join(image.root, image.workdir, 'node_modules'));
    expect(packages).toEqual(expect.arrayContaining(['hono', 'lmdb', 'tsx']));
    for (const tool of ['aws-cdk', 'aws-cdk-lib', 'typescript', 'vitest', '@biomejs'])
      expect(packages).not.toContain(tool);
  });

  it('has a /data that belongs to its user', async () => {
    const { uid, gid } = await stat(join(image.root, 'data'));
    const self = { uid: process.getuid?.(), gid: process.getgid?.() };
    expect({ uid, gid }).toEqual(self.uid === 0 ? { uid: 1000, gid: 1000 } : self);
  });

  it('runs as somebody who can write to none of its files', async () => {
    const write = "require('node:fs').writeFileSync('bin/local.ts', '')";
    const tried = await container('gmail').exec(['node', '-e', write]);
    expect(tried.code).toBe(1);
    expect(tried.said).toContain('EACCES');
  });

  it('is unhealthy while nothing answers, and says why', async () => {
    const check = await container('orchestrator').exec(image.healthCheck);
    expect(check.code).toBe(1);
    expect(check.said).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/healthz is not healthy: .*ECONNREFUSED/);
  });

  it('is unhealthy when the service says so', async () => {
    const notFound = await container('gmail').exec(['node', 'bin/health-check.mjs', '/nothing-here']);
    expect(notFound.code).toBe(1);
  });

  it('runs a workflow over the example services, is healthy, and ends with 0 on SIGTERM', async () => {
    const services = [...containers.keys()].filter((name) => name !== 'orchestrator');
    for (const name of services) container(name).start(compose.services[name]?.command ?? []);
    await Promise.all(services.map(untilHealthy));
    container('orchestrator').start(image.command);
    await untilHealthy('orchestrator');
    expect((await container('orchestrator').exec(image.healthCheck)).code).toBe(0);

    const workflowId = workflowIdOf(await door('start_workflow', { email_id: 'abc123' }));
    expect(await awaitStatus(door, workflowId)).toMatchObject({
      status: 'SUCCEEDED',
      output: { node_id: 'email:abc123', category: 'invoice' },
    });
    expect(await readdir(container('graph').data)).toEqual(['graph.json']);
    expect(await readdir(container('orchestrator').data)).toEqual(
      expect.arrayContaining(['dynamodb', 'endpoints.json', 'step-functions.journal']),
    );

    const ends = await Promise.all([...containers.values()].map((running) => running.stop()));
    expect(ends.map(({ code, signal }) => ({ code, signal }))).toEqual(
      ends.map(() => ({ code: 0, signal: null })),
    );
  }, 120_000);
});
