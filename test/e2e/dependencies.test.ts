/** Who needs whom, through both doors: registration, removal, the graph, the order of starts, and impact. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awaitStatus, type Door, doors, rest, restDoor, runToEnd, workflowIdOf } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';

let system: TestSystem;
let echo: ScriptedService;

beforeAll(async () => {
  echo = await startScriptedService(({ path }, response) => json(response, { path }));
  system = await startTestSystem({
    manifest: {
      services: [],
      workflows: [{ name: 'of-manifest', steps: [{ id: 'pause', wait: { seconds: 0 } }] }],
    },
  });
}, 60_000);

afterAll(async () => {
  await system.close();
  await echo.close();
});

type Declared = string | { service: string; required?: boolean; pending?: boolean; versionRange?: string };

describe.each(doors)('dependencies over $door', ({ door: doorName, open }) => {
  const door: Door = (operation, input) => open(system.endpoints)(operation, input);
  /** Every door and test has services of its own. */
  const named = (test: string) => (name: string) => `${name}-${test}-${doorName.toLowerCase()}`;
  const register = (name: string, dependencies: readonly Declared[] = [], more: object = {}) =>
    door('register_service', {
      name,
      transport: 'rest',
      url: echo.url,
      dependencies: dependencies.map((one) => (typeof one === 'string' ? { service: one } : one)),
      ...more,
    });
  const registered = async (...of: Parameters<typeof register>): Promise<void> =>
    expect((await register(...of)).body).toMatchObject({ name: of[0], created: true });
  const calling = (name: string, service: string, more: readonly object[] = []) =>
    door('define_workflow', {
      name,
      steps: [...more, { id: 'call', call: { service, request: { method: 'GET', path: '/' } } }],
    });

  it('refuses an unknown dependency at its place, unless it is pending', async () => {
    const n = named('unknown');
    await registered(n('there'), [], { version: '1.2.0' });
    const refused = await register(n('a'), [n('there'), n('gone'), { service: n('there-too') }]);
    expect(refused).toMatchObject({
      code: 'service.not-found',
      body: { errors: [{ path: 'dependencies[1].service' }, { path: 'dependencies[2].service' }] },
    });
    const range = await register(n('a'), [{ service: n('there'), versionRange: '^2.0.0' }]);
    expect(range).toMatchObject({
      code: 'service.not-found',
      body: { errors: [{ path: 'dependencies[0].versionRange' }] },
    });
    expect((await door('get_service', { name: n('a') })).code).toBe('service.not-found');
    await registered(n('a'), [n('there'), { service: n('gone'), pending: true }]);
  });

  it('refuses a circle with the way around it, optional dependencies too, and a service that needs itself', async () => {
    const n = named('circle');
    await registered(n('c'));
    await registered(n('b'), [{ service: n('c'), required: false }]);
    await registered(n('a'), [n('b')]);
    const closing = await register(n('c'), [{ service: n('a'), required: false }]);
    expect(closing).toMatchObject({
      code: 'service.dependency-cycle',
      body: {
        errors: [
          {
            path: 'dependencies[0].service',
            message: `closes the circle ${n('c')} -> ${n('a')} -> ${n('b')} -> ${n('c')}`,
          },
        ],
      },
    });
    const itself = await register(n('d'), [n('c'), n('d')]);
    expect(itself).toMatchObject({
      code: 'service.dependency-cycle',
      body: { errors: [{ path: 'dependencies[1].service' }] },
    });
    const updated = await door('get_service', { name: n('c') });
    const change = { name: n('c'), revision: updated.body['revision'], dependencies: [{ service: n('a') }] };
    expect((await door('update_service', change)).code).toBe('service.dependency-cycle');
  });

  it('does not remove what is needed, names everybody who needs it, and removes it when they are gone', async () => {
    const n = named('needed');
    await registered(n('store'));
    await registered(n('mail'), [n('store')]);
    await registered(n('search'), [{ service: n('store'), required: false }]);
    await calling(n('flow'), n('store'));
    const refused = await door('deregister_service', { name: n('store') });
    expect(refused.code).toBe('service.in-use');
    expect(refused.body['errors']).toEqual([
      { path: `services.${n('mail')}`, message: `service ${n('mail')} depends on ${n('store')}` },
      {
        path: `services.${n('search')}`,
        message: `service ${n('search')} depends on ${n('store')} (optional)`,
      },
      { path: `workflows.${n('flow')}`, message: `workflow ${n('flow')} calls ${n('store')}` },
    ]);
    for (const name of [n('mail'), n('search')])
      expect((await door('deregister_service', { name })).code).toBeUndefined();
    expect((await door('deregister_service', { name: n('store') })).body['errors']).toHaveLength(1);
    await door('archive_workflow_definition', { name: n('flow') });
    expect((await door('deregister_service', { name: n('store') })).body).toMatchObject({
      removed: ['0.0.0'],
    });
  });

  it('a dry run says what would be removed, or why it would be refused, and removes nothing', async () => {
    const n = named('dry');
    await registered(n('store'));
    await registered(n('mail'), [n('store')]);
    const dryly = (more: object) => door('deregister_service', { name: n('store'), dryRun: true, ...more });
    expect(await dryly({})).toMatchObject({
      code: 'service.in-use',
      body: { errors: [{ path: `services.${n('mail')}` }] },
    });
    expect((await dryly({ force: true, reason: 'the store burns' })).body).toEqual({
      name: n('store'),
      removed: ['0.0.0'],
      dryRun: true,
    });
    expect((await door('get_service', { name: n('store') })).code).toBeUndefined();
    expect((await dryly({ version: '9.9.9' })).code).toBe('service.not-found');
  });

  it('removes one version, but not the last one in a range that somebody needs', async () => {
    const n = named('versions');
    for (const version of ['1.0.0', '1.1.0', '2.0.0'])
      expect((await register(n('store'), [], { version })).code).toBeUndefined();
    await registered(n('mail'), [{ service: n('store'), versionRange: '^1.0.0' }]);
    const remove = (version: string) => door('deregister_service', { name: n('store'), version });
    expect((await remove('1.0.0')).code).toBeUndefined();
    expect((await remove('2.0.0')).code).toBeUndefined();
    expect(await remove('1.1.0')).toMatchObject({
      code: 'service.in-use',
      body: { errors: [{ path: `services.${n('mail')}` }] },
    });
  });

  it('removes by force with a reason, and shows what is missing then', async () => {
    const n = named('force');
    await registered(n('store'));
    await registered(n('mail'), [n('store')]);
    const forced = await door('deregister_service', { name: n('store'), force: true });
    expect(forced).toMatchObject({ code: 'request.invalid', body: { errors: [{ path: 'reason' }] } });
    const why = { force: true, reason: 'the store burns' };
    expect((await door('deregister_service', { name: n('store'), ...why })).body).toMatchObject({
      removed: ['0.0.0'],
    });
    expect((await door('get_dependency_graph', { service: n('mail') })).body).toMatchObject({
      nodes: [
        { name: n('mail'), kind: 'service', registered: true },
        { name: n('store'), kind: 'service', registered: false },
      ],
      edges: [{ from: n('mail'), to: n('store'), missing: true }],
    });
    const { body } = await door('get_service', { name: n('mail') });
    expect(body['degraded']).toEqual([
      { service: n('store'), reason: 'not registered', path: [n('mail'), n('store')] },
    ]);
    expect((await register(n('mail'), [n('store')])).body).toMatchObject({ changed: false });
  });

  it('shows why a service is degraded, through others too, and what is only optional apart', async () => {
    const n = named('degraded');
    const silent = { url: undefined };
    await registered(n('disk'), [], silent);
    await registered(n('cache'), [], silent);
    await registered(n('store'), [n('disk')]);
    await registered(n('mail'), [n('store'), { service: n('cache'), required: false }]);
    const asked = async () => (await door('get_service', { name: n('mail') })).body;
    expect(await asked()).toMatchObject({
      degraded: [
        { service: n('disk'), reason: 'no healthy instance', path: [n('mail'), n('store'), n('disk')] },
      ],
      missingOptional: [
        { service: n('cache'), reason: 'no healthy instance', path: [n('mail'), n('cache')] },
      ],
    });
    for (const service of [n('disk'), n('cache')])
      await door('register_instance', { service, id: 'one', url: echo.url });
    expect(await asked()).toMatchObject({ degraded: [], missingOptional: [] });
    await door('heartbeat', { service: n('disk'), id: 'one', health: 'UNHEALTHY' });
    expect(await asked()).toMatchObject({ degraded: [{ service: n('disk') }], missingOptional: [] });
  });

  it('draws the graph around a service, required and optional dependencies apart', async () => {
    const n = named('drawn');
    await registered(n('store'));
    await registered(n('mail'), [{ service: n('store'), versionRange: '>=0.0.0' }]);
    await registered(n('search'), [{ service: n('store'), required: false }]);
    await registered(n('page'), [n('search')]);
    await calling(n('flow'), n('mail'));
    const graph = (more: object) => door('get_dependency_graph', { service: n('store'), ...more });
    const nodesOf = ({ body }: { body: Record<string, unknown> }) =>
      Array.isArray(body['nodes']) ? body['nodes'].map(({ name }) => name) : [];
    expect(nodesOf(await graph({ depth: 1 }))).toEqual([n('mail'), n('search'), n('store')]);
    expect(nodesOf(await graph({}))).toEqual([n('mail'), n('page'), n('search'), n('store'), n('flow')]);
    expect(nodesOf(await graph({ includeWorkflows: false }))).not.toContain(n('flow'));
    expect((await graph({ depth: 1 })).body['edges']).toMatchObject([
      { from: n('mail'), to: n('store'), required: true, versionRanges: ['>=0.0.0'] },
      { from: n('search'), to: n('store'), required: false },
    ]);
    expect((await graph({ depth: 1, format: 'mermaid' })).body['text']).toBe(
      [
        'flowchart LR',
        `  n0["${n('mail')}"]`,
        `  n1["${n('search')}"]`,
        `  n2["${n('store')}"]`,
        '  n0 -->|">=0.0.0"| n2',
        '  n1 -.-> n2',
        '  classDef missing stroke:#c00,stroke-dasharray:4',
        '',
      ].join('\n'),
    );
    const dot = (await graph({ depth: 1, format: 'dot' })).body['text'];
    expect(dot).toContain(`"${n('mail')}" -> "${n('store')}" [style=solid, label=">=0.0.0"];`);
    expect(dot).toContain(`"${n('search')}" -> "${n('store')}" [style=dashed];`);
    expect((await graph({ service: n('nobody') })).code).toBe('service.not-found');
  });

  it('shows the whole graph, services that need nothing among it', async () => {
    const n = named('whole');
    await registered(n('alone'));
    const { body } = await door('get_dependency_graph');
    expect(body['nodes']).toContainEqual({ name: n('alone'), kind: 'service', registered: true });
  });

  it('plans the starts of services and what they require in waves', async () => {
    const n = named('waves');
    await registered(n('disk'));
    await registered(n('cache'));
    await registered(n('store'), [n('disk'), { service: n('cache'), required: false }]);
    await registered(n('mail'), [n('store'), { service: n('later'), pending: true }]);
    expect((await door('plan_start_order', { services: [n('mail')] })).body).toEqual({
      waves: [
        [{ service: n('disk'), requires: [], after: [] }],
        [{ service: n('store'), requires: [n('disk')], after: [] }],
        [{ service: n('mail'), requires: [n('store')], after: [] }],
      ],
      missing: [{ service: n('later'), requiredBy: [n('mail')] }],
    });
    const both = await door('plan_start_order', { services: [n('store'), n('cache')] });
    expect(both.body['waves']).toEqual([
      [
        { service: n('cache'), requires: [], after: [] },
        { service: n('disk'), requires: [], after: [] },
      ],
      [{ service: n('store'), requires: [n('disk')], after: [n('cache')] }],
    ]);
    const all = await door('plan_start_order');
    expect(JSON.stringify(all.body['waves'])).toContain(n('mail'));
    expect(await door('plan_start_order', { services: [n('mail'), n('nobody')] })).toMatchObject({
      code: 'service.not-found',
      body: { errors: [{ path: 'services[1]' }] },
    });
  });

  it('shows what stops without a service, what is merely degraded, and which executions run', async () => {
    const n = named('impact');
    await registered(n('store'));
    await registered(n('mail'), [n('store')]);
    await registered(n('search'), [{ service: n('store'), required: false }]);
    await calling(n('flow'), n('mail'), [{ id: 'pause', wait: { seconds: 300 } }]);
    await door('define_workflow', {
      name: n('outer'),
      steps: [{ id: 'run', workflow: { name: n('flow') } }],
    });
    const workflowId = workflowIdOf(await door('start_workflow', { workflow: n('flow'), input: {} }));
    const none = { count: 0, workflowIds: [], more: false };
    expect((await door('get_impact', { service: n('store') })).body).toEqual({
      service: n('store'),
      registered: true,
      services: [
        { service: n('mail'), effect: 'stops', direct: true, path: [n('mail'), n('store')] },
        { service: n('search'), effect: 'degraded', direct: true, path: [n('search'), n('store')] },
      ],
      workflows: [
        {
          workflow: n('flow'),
          effect: 'stops',
          direct: false,
          path: [n('flow'), n('mail'), n('store')],
          running: { count: 1, workflowIds: [workflowId], more: false },
        },
        {
          workflow: n('outer'),
          effect: 'stops',
          direct: false,
          path: [n('outer'), n('flow'), n('mail'), n('store')],
          running: none,
        },
      ],
    });
    await door('terminate_workflow', { workflowId });
    expect((await door('get_impact', { service: n('nobody') })).code).toBe('service.not-found');
  });

  it('archives a workflow: no new starts, nested ones neither, running ones go on, until it is defined again', async () => {
    const n = named('archived');
    await registered(n('store'));
    await calling(n('flow'), n('store'), [{ id: 'pause', wait: { seconds: 2 } }]);
    await door('define_workflow', {
      name: n('outer'),
      steps: [{ id: 'run', workflow: { name: n('flow') } }],
    });
    const workflowId = workflowIdOf(await door('start_workflow', { workflow: n('flow'), input: {} }));
    const archived = await door('archive_workflow_definition', { name: n('flow') });
    expect(archived.body).toMatchObject({ name: n('flow'), version: 1, archivedAt: expect.any(String) });
    expect(await door('archive_workflow_definition', { name: n('flow') })).toEqual(archived);
    expect((await door('start_workflow', { workflow: n('flow'), input: {} })).code).toBe('workflow.archived');
    expect(await runToEnd(door, n('outer'))).toMatchObject({
      status: 'FAILED',
      error: { code: 'workflow.archived' },
    });
    expect((await door('list_workflows', { workflow: n('flow') })).body['workflows']).toHaveLength(1);
    expect(await awaitStatus(door, workflowId)).toMatchObject({ status: 'SUCCEEDED' });
    const names = async (input: object) =>
      JSON.stringify((await door('list_workflow_definitions', { limit: 100, ...input })).body);
    expect(await names({})).not.toContain(`"${n('flow')}"`);
    expect(await names({ includeArchived: true })).toContain(`"${n('flow')}"`);
    expect((await door('get_workflow_definition', { name: n('flow') })).body).toMatchObject({
      archivedAt: expect.any(String),
    });

    await calling(n('flow'), n('store'), [{ id: 'pause', wait: { seconds: 2 } }]);
    expect((await door('get_workflow_definition', { name: n('flow') })).body).toMatchObject({ version: 2 });
    expect(await names({})).toContain(`"${n('flow')}"`);
    expect((await door('deregister_service', { name: n('store') })).code).toBe('service.in-use');
    expect((await runToEnd(door, n('outer'))).status).toBe('SUCCEEDED');
  });

  it('archives no workflow of the manifest, and none that is unknown', async () => {
    const archive = (name: string) => door('archive_workflow_definition', { name });
    expect((await archive('of-manifest')).code).toBe('workflow.managed-by-manifest');
    expect((await archive('nowhere')).code).toBe('workflow.not-found');
  });
});

describe('queries', () => {
  const call = (method: string, path: string) => rest(system.endpoints, [method, path]);

  it('take true and false for booleans, and nothing else', async () => {
    const door = restDoor(system.endpoints);
    const service = { transport: 'rest', url: echo.url };
    await door('register_service', { name: 'needed-by-query', ...service });
    const dependencies = [{ service: 'needed-by-query' }];
    await door('register_service', { name: 'needs-by-query', ...service, dependencies });
    const remove = (query: string) => call('DELETE', `/v1/services/needed-by-query${query}`);
    expect(await remove('?force=false')).toMatchObject({ status: 409, body: { code: 'service.in-use' } });
    for (const wrong of ['yes', '1', 'TRUE', ''])
      expect(await remove(`?force=${wrong}&reason=it%20burns`)).toMatchObject({
        status: 400,
        body: { errors: [{ path: 'force' }] },
      });
    expect(await remove('?force=true&reason=')).toMatchObject({ body: { errors: [{ path: 'reason' }] } });
    expect(await remove('?force=true&reason=it%20burns')).toMatchObject({ status: 200 });
  });

  it('put the reason of a removal by force into the log, with who asked', async () => {
    const door = restDoor(system.endpoints);
    await door('register_service', { name: 'burnt', transport: 'rest', url: echo.url });
    await call('DELETE', '/v1/services/burnt?force=true&reason=the%20disk%20is%20gone');
    await expect
      .poll(() => readFile(join(system.dataDir, 'log'), 'utf8'), { timeout: 5000 })
      .toMatch(/"message":"service removed by force".*"reason":"the disk is gone","caller":"local"/);
  });

  it('keep a text that reads true where a text is wanted', async () => {
    expect(await call('GET', '/v1/dependency-graph?service=true')).toMatchObject({
      status: 404,
      body: { code: 'service.not-found' },
    });
    expect(await call('GET', '/v1/workflows?includeArchived=true&limit=1')).toMatchObject({ status: 200 });
  });
});
