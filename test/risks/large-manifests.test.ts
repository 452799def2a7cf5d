/**
 * Risk: one caller's manifest keeps all others waiting, since what is read of YAML in one go takes a time that grows with
 * it. What is too much is refused while it is read; what is useful goes.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rest } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';

let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem();
}, 60_000);

afterAll(() => system.close());

const many = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join('');

const plan = (body: object) => rest(system.endpoints, ['POST', '/v1/manifest/plan'], { body });

const keys: Record<string, string> = {
  services: `services:\n${many(20_000, (n) => `  s${n}: {}\n`)}`,
  'fields at the top': many(20_000, (n) => `k${n}: v\n`),
  'fields of one service': `services:\n  a:\n${many(20_000, (n) => `    k${n}: v\n`)}`,
  'fields between braces': `{${many(20_000, (n) => `k${n}: v, `)}}`,
};

it.each(Object.entries(keys))('20,000 %s are refused while they are read', async (_what, yaml) => {
  const { status, body } = await plan({ yaml });
  expect({ status, errors: body['errors'] }).toMatchObject({
    status: 400,
    errors: [
      { path: 'yaml', message: expect.stringMatching(/^has a map of more than 2000 keys at line \d/) },
    ],
  });
});

it('others are answered while the largest that is taken is read', async () => {
  const yaml = many(7, (n) => `x-${n}:\n${many(1_900, (m) => `  k${m}: v\n`)}`);
  let isDone = false;
  const planned = plan({ yaml }).finally(() => {
    isDone = true;
  });
  let answered = 0;
  while (!isDone) {
    const { status } = await rest(system.endpoints, ['GET', '/healthz']);
    if (status === 200 && !isDone) answered += 1;
  }
  expect((await planned).status).toBe(200);
  expect(answered).toBeGreaterThan(5);
}, 60_000);

it('refuses more aliases than anybody writes, and what only looks like them is none', async () => {
  const aliases = (count: number) => `x-a: &a [1]\nx-b: [${'*a, '.repeat(count)}]`;
  expect((await plan({ yaml: aliases(2_001) })).body).toMatchObject({
    errors: [{ path: 'yaml', message: 'has more than 2000 aliases: write out what they stand for' }],
  });
  expect((await plan({ yaml: aliases(2_000) })).status).toBe(200);
  expect((await plan({ yaml: `x-b: [${'"*a", a*b, '.repeat(2_001)}]` })).status).toBe(200);
});

it('counts what a list holds in JSON before it looks at it', async () => {
  const list = (length: number) => ({ 'x-a': Array.from({ length }, () => 1) });
  expect((await plan({ manifest: list(199_998) })).status).toBe(200);
  expect((await plan({ manifest: list(200_001) })).body).toMatchObject({
    errors: [{ path: '', message: 'has more than 200000 values: make it two manifests' }],
  });
});

it('refuses the same as JSON, and texts of more words and signs than anybody writes', async () => {
  const fields = Object.fromEntries(Array.from({ length: 2_001 }, (_, n) => [`k${n}`, 1]));
  expect((await plan({ manifest: { 'x-a': fields } })).body).toMatchObject({
    code: 'request.invalid',
    errors: [{ path: 'x-a', message: 'has 2001 keys, and a map may have 2000' }],
  });
  const list = `x-a: [${'a, '.repeat(50_000)}]`;
  expect((await plan({ yaml: list })).body).toMatchObject({
    errors: [
      {
        path: 'yaml',
        message: 'has more than 120000 words and signs: make it two manifests, or send it as JSON',
      },
    ],
  });
});

it('takes 200 services and 50 workflows of ten steps, in both forms of YAML', async () => {
  const service = (n: number) => ({
    version: '1.0.0',
    transport: 'mcp',
    url: `http://127.0.0.1:${9000 + n}`,
    description: `Number ${n}`,
    tags: ['a', 'b'],
    labels: { team: 'mail' },
    limits: { requestsPerSecond: 10, concurrency: 5 },
  });
  const step = (n: number) => ({
    id: `step${n}`,
    call: { service: `service-${n}`, tool: 'do_it', arguments: { id: '{% $input.id %}', more: [1, 2] } },
    timeoutSeconds: 10,
    retry: { maxAttempts: 3 },
  });
  const count = (length: number, of: (n: number) => object) => Array.from({ length }, (_, n) => of(n));
  const manifest = {
    services: Object.fromEntries(count(200, service).map((one, n) => [`service-${n}`, one])),
    workflows: count(50, (n) => ({
      name: `workflow-${n}`,
      inputSchema: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } },
      steps: count(10, step),
    })),
  };
  const { stringify } = await import('yaml');
  expect((await plan({ yaml: stringify(manifest) })).body).toMatchObject({ counts: { create: 250 } });
  const few = { ...manifest, workflows: manifest.workflows.slice(0, 5) };
  expect((await plan({ yaml: JSON.stringify(few) })).body).toMatchObject({ counts: { create: 205 } });
}, 60_000);
