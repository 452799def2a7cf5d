/** What Dockerfile, .dockerignore and docker-compose.yml say, read without a container engine. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { type ComposeFile, readComposeFile } from './containers/compose-file.ts';
import { execForm, type Instruction, parseDockerfile, type Stage } from './containers/dockerfile.ts';
import { buildContext, createIgnore } from './containers/ignore-file.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const text = (name: string): Promise<string> => readFile(join(root, name), 'utf8');

describe('the Dockerfile', () => {
  let stages: Stage[];
  beforeAll(async () => {
    stages = parseDockerfile(await text('Dockerfile'));
  });
  const inLast = (keyword: string): Instruction[] =>
    (stages.at(-1)?.instructions ?? []).filter((instruction) => instruction.keyword === keyword);

  it('builds in one stage and runs in another, both on one exactly pinned slim Node image', () => {
    expect(stages.map(({ name }) => name)).toEqual(['dependencies', '1']);
    for (const { base } of stages) expect(base).toMatch(/^node:\d+\.\d+\.\d+-\w+-slim$/);
    expect(new Set(stages.map(({ base }) => base)).size).toBe(1);
  });

  it('runs as a numbered user that is not root, set before the command', () => {
    expect(inLast('USER').map(({ rest }) => rest)).toEqual(['1000:1000']);
    const order = stages.at(-1)?.instructions.map(({ keyword }) => keyword) ?? [];
    expect(order.indexOf('USER')).toBeLessThan(order.indexOf('CMD'));
  });

  it('serves port 8000', () => {
    expect(inLast('EXPOSE').map(({ rest }) => rest)).toEqual(['8000']);
  });

  it('starts node itself, as npm start does, so that signals reach it', async () => {
    const [command] = inLast('CMD').map(({ rest }) => execForm(rest));
    expect(command).toEqual(['node', 'bin/start.mjs']);
    const { scripts } = JSON.parse(await text('package.json'));
    expect(command?.join(' ')).toBe(scripts.start);
  });

  it('checks its health without a shell', () => {
    const [check] = inLast('HEALTHCHECK');
    expect(check?.flags).toEqual({ interval: '10s', timeout: '5s', 'start-period': '30s', retries: '3' });
    expect(execForm(check?.rest.replace(/^CMD /, '') ?? '')?.[0]).toBe('node');
  });

  it('installs what the lock says, without development packages and install scripts', () => {
    const runs = stages.flatMap(({ instructions }) =>
      instructions.filter(({ keyword }) => keyword === 'RUN'),
    );
    expect(runs[0]?.rest).toMatch(/^npm ci --omit=dev --ignore-scripts/);
  });
});

describe('what goes into the image', () => {
  let files: string[];
  beforeAll(async () => {
    files = await buildContext(root, await text('.dockerignore'));
  });

  it('is what local mode and the example services read', () => {
    expect(new Set(files.map((file) => file.split('/')[0]))).toEqual(
      new Set([
        'bin',
        'docs',
        'examples',
        'local',
        'package-lock.json',
        'package.json',
        'src',
        'tsconfig.json',
      ]),
    );
    expect(files.filter((file) => /^(bin|docs)\//.test(file))).toEqual([
      'bin/health-check.mjs',
      'bin/local.ts',
      'bin/start.mjs',
      'docs/mcp-tools.json',
      'docs/openapi.json',
      'docs/routes.json',
    ]);
    expect(files).toContain('examples/email/mailbox/abc123.eml');
  });

  it('is neither tests, nor tools, nor what is deployed to AWS', () => {
    expect(
      files.filter((file) => /\.test\.ts$|^(test|tools|lib|lambdas|dist|cdk\.out)\//.test(file)),
    ).toEqual([]);
  });

  it.each([
    '.env',
    '.env.local',
    'src/.env',
    'examples/email/.env.production',
    '.git/config',
    'local/x/.git/config',
    'src/debug.log',
    'examples/email/.orchestrator/graph.json',
    'key.pem',
    'config/prod.ts',
    'a-file-of-tomorrow',
  ])('is never %s', async (path) => {
    expect(createIgnore(await text('.dockerignore'))(path)).toBe(true);
  });
});

describe('docker-compose.yml', () => {
  const adminKey = 'k'.repeat(32);
  let compose: ComposeFile;
  beforeAll(async () => {
    compose = await readComposeFile(join(root, 'docker-compose.yml'), { ADMIN_KEY: adminKey });
  });

  it('has the orchestrator and the services of the email manifest', async () => {
    const manifest = await text('examples/email/orchestrator.yaml');
    const named = [...manifest.matchAll(/\$\{([A-Z]+)_SERVICE_URL/g)].map(([, name = '']) =>
      name.toLowerCase(),
    );
    expect(Object.keys(compose.services).sort()).toEqual(['orchestrator', ...named].sort());
  });

  it('gives every service a read-only root, no capabilities, no new privileges and a health check', () => {
    for (const service of Object.values(compose.services))
      expect(service).toMatchObject({
        build: '.',
        image: 'orchestrator-service:local',
        init: true,
        read_only: true,
        tmpfs: ['/tmp'],
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        healthcheck: { test: ['CMD', 'node', 'bin/health-check.mjs', expect.stringMatching(/^\/healthz?$/)] },
      });
  });

  it('publishes the orchestrator alone, and to this machine alone', () => {
    const published = Object.values(compose.services).flatMap(({ ports }) => ports);
    expect(published).toEqual(['127.0.0.1:8000:8000']);
    expect(compose.services['orchestrator']?.ports).toEqual(published);
  });

  it('tells the orchestrator where each service listens, and lets it call their network only', () => {
    const { orchestrator, ...services } = compose.services;
    const urls = Object.entries(services).map(([name, { environment }]) => [
      `${name.toUpperCase()}_SERVICE_URL`,
      `http://${name}:${environment['PORT']}`,
    ]);
    expect(orchestrator?.environment).toEqual({
      ADMIN_KEY: adminKey,
      ALLOWED_HOSTS: 'orchestrator',
      EXAMPLE_SERVICES: 'off',
      EGRESS_ALLOWED_NETWORKS: '172.30.57.0/24',
      ...Object.fromEntries(urls),
    });
    expect(compose.networks['services']?.ipam.config).toEqual([{ subnet: '172.30.57.0/24' }]);
  });

  it('starts the orchestrator once the services are healthy', () => {
    expect(compose.services['orchestrator']).toMatchObject({
      depends_on: Object.fromEntries(
        ['gmail', 'classifier', 'graph', 'notify'].map((name) => [name, { condition: 'service_healthy' }]),
      ),
    });
  });

  it('moves network and permission together when ORCHESTRATOR_SUBNET is set', async () => {
    const env = { ADMIN_KEY: adminKey, ORCHESTRATOR_SUBNET: '10.99.0.0/24' };
    const moved = await readComposeFile(join(root, 'docker-compose.yml'), env);
    expect(moved.services['orchestrator']?.environment['EGRESS_ALLOWED_NETWORKS']).toBe('10.99.0.0/24');
    expect(moved.networks['services']?.ipam.config).toEqual([{ subnet: '10.99.0.0/24' }]);
  });

  it('does not start without an admin key, and says how to make one', async () => {
    await expect(readComposeFile(join(root, 'docker-compose.yml'), {})).rejects.toThrow(
      /ADMIN_KEY: set ADMIN_KEY .*32 characters.*openssl rand/,
    );
  });

  it('keeps what is written in volumes', () => {
    const volumes = Object.entries(compose.services).map(([name, service]) => [name, service.volumes]);
    expect(Object.fromEntries(volumes.filter(([, mounted = []]) => mounted.length > 0))).toEqual({
      orchestrator: ['orchestrator-data:/data'],
      graph: ['graph-data:/data'],
    });
    expect(Object.keys(compose.volumes)).toEqual(['orchestrator-data', 'graph-data']);
  });
});

describe('the reader of .dockerignore', () => {
  it('lets the last pattern decide, over a path and the folders above it', () => {
    const ignored = createIgnore('*\n# a comment\n!src\nsrc/secret\n**/*.log\n');
    const paths = ['src/a.ts', 'src/secret/x', 'src/deep/a.log', 'other', 'a.log'];
    expect(paths.map(ignored)).toEqual([false, true, true, true, true]);
  });

  it('complains when a large folder would go in', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'orchestrator-ignore-'));
    await writeFile(join(folder, 'dist'), '');
    await expect(buildContext(folder, '# nothing')).rejects.toThrow('dist would go into the image');
    await rm(folder, { recursive: true });
  });
});

describe('the reader of Dockerfiles', () => {
  it('refuses what it does not know, so that no step is passed over', () => {
    expect(() => parseDockerfile('FROM node:22\nADD x y\n')).toThrow('does not know: ADD x y');
  });
});
