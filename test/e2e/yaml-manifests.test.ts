/** Manifests as text: bodies of YAML, what its anchors and merge keys stand for, and what is said of faults in it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readManifestFile } from '../../local/read-manifest.ts';
import { type Door, rest, restDoor } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';

let system: TestSystem;
let api: Door;

beforeAll(async () => {
  system = await startTestSystem();
  api = restDoor(system.endpoints);
}, 60_000);
afterAll(() => system.close());
beforeEach(async () => {
  await api('apply_manifest', { manifest: {} });
});

const post = (path: string, body: string, type = 'application/yaml') =>
  rest(system.endpoints, ['POST', path], { body, headers: { 'content-type': type } });

const planned = (yaml: string) => api('plan_manifest', { yaml });
const faultsOf = async (yaml: string): Promise<unknown> => (await planned(yaml)).body['errors'];

const mail = `
services:
  mail:
    version: 1.0.0
    transport: rest
    url: http://127.0.0.1:9/
    owner: \${OWNER:-nobody}
`;

describe('a body of YAML', () => {
  it.each(['application/yaml', 'application/x-yaml; charset=utf-8', 'text/yaml', 'Text/X-YAML'])(
    'is the manifest (%s)',
    async (type) => {
      const { status, body } = await post('/v1/manifest/plan', mail, type);
      expect({ status, body }).toMatchObject({ status: 200, body: { counts: { create: 1, delete: 0 } } });
    },
  );

  it('has the other fields in the query', async () => {
    await api('register_service', {
      name: 'mail',
      version: '1.0.0',
      transport: 'rest',
      url: 'http://127.0.0.1:9/',
    });
    expect((await post('/v1/manifest/plan', mail)).body).toMatchObject({ counts: { conflict: 1 } });
    const applied = await post('/v1/manifest/apply?takeOver=true&variables.OWNER=me', mail);
    expect(applied).toMatchObject({ status: 200, body: { complete: true } });
    expect((await api('get_service', { name: 'mail' })).body).toMatchObject({
      owner: 'me',
      managedBy: 'manifest',
    });
    expect((await post('/tools/plan_manifest?variables.OWNER=me', mail)).body).toMatchObject({
      counts: { unchanged: 1 },
    });
  });

  it('is refused where a field of the query is none', async () => {
    expect(await post('/v1/manifest/plan?takeover=true', mail)).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'takeover', message: 'is not a known field' }] },
    });
  });

  it('is no body of other operations', async () => {
    const answer = await post('/tools/register_service', 'name: a');
    expect(answer).toMatchObject({ status: 400, body: { code: 'request.not-json' } });
    expect(JSON.stringify(answer.body)).not.toContain('application/yaml');
  });

  it('is asked for its content type where it came without', async () => {
    const path = '/v1/manifest/plan';
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await rest(system.endpoints, ['POST', path], { body: mail, headers: form })).toMatchObject({
      status: 400,
      body: {
        code: 'request.not-json',
        detail: expect.stringMatching(/; a body of YAML needs the header content-type: application\/yaml$/),
      },
    });
  });

  it('is described', async () => {
    const { body } = await rest(system.endpoints, ['GET', '/openapi.json']);
    expect(body).toMatchObject({
      paths: {
        '/v1/manifest/apply': {
          post: { requestBody: { content: { 'application/yaml': { schema: { type: 'string' } } } } },
        },
      },
    });
  });

  it('of more than half a million characters is too large, and says how large it is', async () => {
    expect(await post('/v1/manifest/plan', `# ${'x'.repeat(500_000)}`)).toMatchObject({
      status: 413,
      body: {
        code: 'request.too-large',
        detail: expect.stringContaining('has 500002 characters, and may have 500000'),
      },
    });
  });
});

describe('in YAML', () => {
  it('anchors under x- and merge keys are what they stand for', async () => {
    const yaml = `
x-defaults: &defaults
  version: 1.2.0
  transport: rest
  owner: \${NOBODY_SETS_THIS}
x-more: &more { owner: team, description: more }
services:
  one:
    <<: *defaults
    owner: me
  two:
    <<: [*more, *defaults]
    version: 2.0.0
`;
    const applied = await api('apply_manifest', { yaml });
    expect(applied.body).toMatchObject({ complete: true });
    expect((await api('get_service', { name: 'one' })).body).toMatchObject({
      version: '1.2.0',
      transport: 'rest',
      owner: 'me',
    });
    expect((await api('get_service', { name: 'two' })).body).toMatchObject({
      version: '2.0.0',
      owner: 'team',
      description: 'more',
    });
  });

  it.each([
    ['a: &a [*a]', 'a[0]', 'the alias *a stands inside of what it names (line 1, column 8)'],
    ['services: &a {x: *a}', 'services.x', 'the alias *a stands inside of what it names (line 1, column 18)'],
    ['services: *x', 'services', 'the alias *x names nothing before it (line 1, column 11)'],
    [
      'services:\n  a: {}\n  b: {}\n  a: {}',
      'services.a',
      'stands there a second time, after line 2 (line 4, column 3)',
    ],
    ['services: {[a, b]: 1}', 'services', 'a key has to be a text (line 1, column 12)'],
    [
      'services: !!binary eA==',
      'services',
      'is of a kind that JSON does not have: write it as text, in quotes (line 1, column 20)',
    ],
    ['services:\n  <<: 3', 'services.<<', 'has to be a map, or a list of maps (line 2, column 3)'],
    [
      'services:\n  a: b: c',
      'yaml',
      'is not YAML at line 2, column 6: Nested mappings are not allowed in compact mappings',
    ],
    [
      'services: [',
      'yaml',
      expect.stringMatching(/^is not YAML at line 1, column 12: Flow sequence in block collection must be/),
    ],
    ['---\na: 1\n---\nb: 2', 'yaml', 'has 2 documents, and may have one: leave the lines of --- out'],
  ])('%j is refused with its place', async (yaml, path, message) => {
    expect(await faultsOf(yaml)).toEqual([{ path, message }]);
  });

  it.each([
    ['lists', '['.repeat(50_000)],
    ['lines', '- '.repeat(20_000)],
  ])('what is nested too deeply in %s is refused', async (_in, yaml) => {
    expect(await faultsOf(yaml)).toEqual([{ path: 'yaml', message: 'is nested more than 1000 levels deep' }]);
  });

  it('aliases that come to far more than is written are refused', async () => {
    const doubled = Array.from({ length: 30 }, (_, at) => `a${at + 1}: &a${at + 1} [*a${at}, *a${at}]`);
    expect(await faultsOf(['a0: &a0 [x]', ...doubled].join('\n'))).toEqual([
      {
        path: expect.stringMatching(/^a1\d/),
        message: expect.stringContaining('has more than 100000 values'),
      },
    ]);
    const repeated = `a: &a ${'x'.repeat(400_000)}\nb: [${'*a,'.repeat(50)}]`;
    expect(await faultsOf(repeated)).toEqual([
      { path: expect.stringMatching(/^b\[/), message: expect.stringContaining('6000000 characters') },
    ]);
  });

  it.each([
    ['45,000 keys', Array.from({ length: 45_000 }, (_, at) => `k${at}: v`).join('\n'), 'yaml'],
    ['2,000 keys', Array.from({ length: 2_000 }, (_, at) => `k${at}: v`).join('\n'), 'k0'],
    ['100,000 signs that belong nowhere', '}\n'.repeat(90_000), 'yaml'],
    ['30,000 anchors of one value', '&a '.repeat(30_000), 'yaml'],
  ])('%s are answered', async (_what, yaml, path) => {
    const { code, body } = await planned(yaml);
    expect(code).toBe('request.invalid');
    expect(body['errors']).toEqual(expect.arrayContaining([expect.objectContaining({ path })]));
    expect(JSON.stringify(body).length).toBeLessThan(50_000);
  });
});

describe('a fault', () => {
  const lost = `
services:
  mail: { transport: rest, url: http://127.0.0.1:9/ }
workflows:
  - name: fine
    steps:
      - { id: post, call: { service: mail, request: { method: POST, path: / } } }
  - name: lost
    steps:
      - id: both
        parallel:
          - - id: post
              call:
                service: nobody
                request: { method: POST, path: / }
`;

  it('in a workflow names the workflow, the step and the line', async () => {
    expect(await faultsOf(lost)).toEqual([
      {
        path: 'workflows[1].steps[0].parallel[0][0].call.service',
        message: expect.stringMatching(/nobody.* \(workflow lost, step post\) \(line 14\)$/),
      },
    ]);
  });

  it('in a service names the line', async () => {
    expect(await faultsOf('services:\n  mail:\n    transport: soap\n')).toEqual([
      { path: 'services.mail.transport', message: expect.stringMatching(/ \(line 3\)$/) },
    ]);
  });

  it('of services that need each other is the circle, before anything is changed', async () => {
    const service = (needs: string) =>
      `{ transport: rest, url: http://127.0.0.1:9/, dependencies: [{ service: ${needs} }] }`;
    const yaml = `services:\n  a: ${service('b')}\n  b: ${service('c')}\n  c: ${service('a')}\n`;
    for (const operation of ['plan_manifest', 'apply_manifest'])
      expect(await api(operation, { yaml })).toMatchObject({
        code: 'service.dependency-cycle',
        body: {
          status: 409,
          errors: [
            {
              path: 'services.a.dependencies[0].service',
              message:
                'services would depend on each other in a circle: a -> b -> c -> a; optional dependencies count too (line 2)',
            },
          ],
        },
      });
    expect((await api('list_services')).body).toEqual({ services: [] });
  });

  it('in a file names the file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'orchestrator-manifest-'));
    const file = join(folder, 'm.yaml');
    try {
      await writeFile(file, 'services:\n  mail:\n    transport: soap\n');
      await expect(readManifestFile(file, {})).rejects.toThrow(
        new RegExp(`^${file}: The manifest is not valid: services\\.mail\\.transport: .* \\(line 3\\)$`),
      );
      await writeFile(file, lost);
      const { manifest, explained } = await readManifestFile(file, {});
      const failed = await startTestSystem({ manifest }).then(
        () => undefined,
        (error: unknown) => explained(error),
      );
      expect(String(failed)).toMatch(
        new RegExp(
          `^Error: ${file}: workflows\\[1\\].*nobody.*\\(workflow lost, step post\\) \\(line 14\\)$`,
        ),
      );
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe('a plan in words', () => {
  it('says what is made, and what is deleted and why', async () => {
    await api('apply_manifest', { yaml: mail });
    const other = { other: { transport: 'rest', url: 'http://127.0.0.1:9/' } };
    const { body } = await api('plan_manifest', { manifest: { services: other } });
    expect(body['summary']).toMatch(
      /^Applying it creates service other 0\.0\.0\. It DELETES service mail 1\.0\.0: the manifest that was applied at \S+ named what this one does not name any more\. /,
    );
    const same = (await api('plan_manifest', { yaml: mail })).body;
    expect(same['summary']).toBe('Applying it leaves as it is service mail 1.0.0. It deletes nothing.');
  });

  it('sees no change in another order of tags', async () => {
    const tagged = (tags: string[]) => ({
      services: { mail: { transport: 'rest', url: 'http://127.0.0.1:9/', tags } },
    });
    await api('apply_manifest', { manifest: tagged(['b', 'a']) });
    expect((await api('plan_manifest', { manifest: tagged(['a', 'b']) })).body).toMatchObject({
      counts: { unchanged: 1, change: 0 },
      drifted: 0,
    });
    await api('apply_manifest', { manifest: tagged(['a', 'b']) });
    expect((await api('plan_manifest', { manifest: tagged(['b', 'a']) })).body).toMatchObject({
      counts: { unchanged: 1 },
      drifted: 0,
    });
  });
});
