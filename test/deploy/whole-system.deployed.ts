/** The whole system as it is deployed, used as its clients use it, and gone after it is destroyed. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import * as z from 'zod';
import { createStepFunctions } from '../../src/aws/step-functions.ts';
import { awaitStatus, doors, mcpDoor, rest, restDoor, runToEnd, workflowIdOf } from '../system/clients.ts';
import { type ExampleServices, startExampleServices } from '../system/example-services.ts';
import { present, type Skipped } from '../system/on-demand.ts';
import { pythonServicesBoundMs, startPythonServices } from '../system/python-services.ts';
import { type Cdk, type Deployment, startCdk } from './deployment.ts';
import { listEverything } from './left-over.ts';
import { type Emulator, startMinistack } from './ministack.ts';

interface Started {
  readonly emulator: Emulator;
  readonly cdk: Cdk;
  readonly system: Deployment;
  readonly examples: ExampleServices;
}

const shippedManifest = 'examples/email/orchestrator.yaml';

let folder: string;
let started: Started | Skipped;

/** Progress of what takes minutes; tests that are skipped say why. */
const say = (what: string): void => console.log(`test:deploy  ${what}`);

async function start(): Promise<Started | Skipped> {
  const emulator = await startMinistack(folder);
  if ('skipped' in emulator) return emulator;
  say(`MiniStack answers at ${emulator.endpoint}`);
  const cdk = await startCdk(emulator, folder);
  say('bootstrapped');
  const system = await cdk.deploy(shippedManifest);
  say(`deployed, the smoke check passed: ${system.api}`);
  const examples = await startExampleServices({ env: {}, dataDir: folder, freePorts: true });
  return { emulator, cdk, system, examples };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orchestrator-deploy-'));
  started = await start();
});

afterAll(async () => {
  if (started && !('skipped' in started)) {
    await started.examples.stop();
    await started.emulator.stop();
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

let up: Started;
beforeEach((context) => {
  up = present(started, context);
});

const transports = { gmail: 'mcp', classifier: 'mcp', graph: 'mcp', notify: 'rest' } as const;

/** Registers a higher version of each service of the manifest, where it runs for this test: calls go to that one. */
async function register({ urls }: Pick<ExampleServices, 'urls'>): Promise<void> {
  for (const [name, transport] of Object.entries(transports)) {
    const url = urls[`${name.toUpperCase()}_SERVICE_URL`];
    if (url === undefined) continue;
    const answer = await restDoor(up.system)('register_service', { name, version: '2.0.0', transport, url });
    expect(answer.code).toBeUndefined();
  }
}

describe('the deployed API', () => {
  it('answers health to everybody', async () => {
    const { status, body } = await rest(up.system, ['GET', '/healthz']);
    expect([status, body]).toEqual([200, { status: 'ok', ready: true, notReady: [] }]);
  });

  it.each([
    ['no key', {}],
    ['a wrong key', { authorization: `Bearer ${'x'.repeat(48)}` }],
    ['another scheme', { authorization: 'Basic YWRtaW46YWRtaW4=' }],
  ])('answers 401 with a challenge and a problem to %s', async (_name, headers) => {
    for (const [method, path] of [
      ['GET', '/v1/services'],
      ['POST', '/tools/start_workflow'],
      ['POST', '/mcp'],
      ['GET', '/openapi.json'],
    ] as const) {
      const answer = await rest(up.system, [method, path], { headers });
      expect([path, answer.status, answer.body['code']]).toEqual([path, 401, 'access.unauthenticated']);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="orchestrator"');
    }
  });

  it('knows the services and workflows of the manifest without being told', async () => {
    const { body } = await restDoor(up.system)('list_workflow_definitions');
    expect(body['workflows']).toMatchObject([
      { name: 'process-and-notify', managedBy: 'manifest' },
      { name: 'process-email', managedBy: 'manifest' },
      { name: 'process-inbox', managedBy: 'manifest' },
      { name: 'smoke-check', managedBy: 'manifest' },
    ]);
    const services = await mcpDoor(up.system)('list_services');
    expect(services.body['services']).toMatchObject(
      ['classifier', 'gmail', 'graph', 'notify'].map((name) => ({ name, managedBy: 'manifest' })),
    );
  });
});

describe.each(doors)('through $door', ({ open }) => {
  it('process-email runs over the example services, and its status is read while it runs and after', async () => {
    await register(up.examples);
    const door = open(up.system);
    const id = workflowIdOf(await door('start_workflow', { email_id: 'abc123' }));
    const first = await awaitStatus(door, id, () => true);
    expect(['RUNNING', 'SUCCEEDED']).toContain(first.status);
    const ended = await awaitStatus(door, id);
    expect(ended).toMatchObject({
      status: 'SUCCEEDED',
      output: { node_id: 'email:abc123', category: 'invoice' },
      steps: [
        { id: 'fetch', status: 'SUCCEEDED' },
        { id: 'classify', status: 'SUCCEEDED' },
        { id: 'store', status: 'SUCCEEDED' },
      ],
    });
  });

  it('a workflow is defined while it all runs, and cancelled while it waits', async () => {
    const door = open(up.system);
    const steps = [{ id: 'pause', wait: { seconds: 300 } }];
    expect(await door('define_workflow', { name: 'waits', steps })).toMatchObject({ code: undefined });
    const id = workflowIdOf(await door('start_workflow', { workflow: 'waits', labels: { kind: 'test' } }));
    expect((await awaitStatus(door, id, () => true)).status).toBe('RUNNING');
    expect((await door('cancel_workflow', { workflowId: id })).code).toBeUndefined();
    expect((await awaitStatus(door, id)).status).toBe('CANCELLED');
    const listed = await door('list_workflows', { status: 'CANCELLED', label: 'kind=test' });
    expect(listed.body['workflows']).toContainEqual(expect.objectContaining({ workflowId: id }));
  });
});

describe('the registry', () => {
  it('finds and calls instances that registered themselves, and hears of changes while it waits', async () => {
    const door = mcpDoor(up.system);
    const url = up.examples.urls['GMAIL_SERVICE_URL'];
    const service = { name: 'mailbox', version: '1.2.0', transport: 'mcp', tags: ['mail'] };
    expect((await door('register_service', service)).code).toBeUndefined();
    expect((await door('register_instance', { service: 'mailbox', id: 'one', url })).code).toBeUndefined();
    expect((await door('heartbeat', { service: 'mailbox', id: 'one' })).code).toBeUndefined();
    const found = await door('discover_service', { service: 'mailbox@^1' });
    expect(found.body['services']).toMatchObject([{ name: 'mailbox', instances: [{ id: 'one' }] }]);
    expect((await door('discover_service', { tag: 'mail' })).body['services']).toMatchObject([
      { name: 'mailbox' },
    ]);
    const call = { service: 'mailbox@^1', tool: 'get_email', arguments: { id: 'abc123' } };
    expect((await door('call_service', call)).body).toMatchObject({ instance: 'one', version: '1.2.0' });
    const waiting = door('discover_service', {
      service: 'mailbox@^1',
      revision: found.body['revision'],
      wait: 20,
    });
    await door('deregister_instance', { service: 'mailbox', id: 'one' });
    expect((await waiting).body['services']).toMatchObject([{ name: 'mailbox', instances: [] }]);
  });

  it('has read the tools of services, and finds them', async () => {
    await register(up.examples);
    const door = restDoor(up.system);
    expect((await door('refresh_service', { name: 'gmail' })).code).toBeUndefined();
    expect(JSON.stringify((await door('search_tools', { query: 'email' })).body)).toContain('get_email');
  });

  it('knows who needs whom, and refuses what would break it', async () => {
    const door = restDoor(up.system);
    const service = (name: string, ...needs: string[]) => ({
      name,
      transport: 'rest',
      url: 'http://127.0.0.1:9',
      dependencies: needs.map((needed) => ({ service: needed })),
    });
    for (const one of [service('base'), service('middle', 'base'), service('top', 'middle')])
      expect((await door('register_service', one)).code).toBeUndefined();
    expect((await door('register_service', service('base', 'top'))).code).toBe('service.dependency-cycle');
    expect((await door('deregister_service', { name: 'base' })).code).toBe('service.in-use');
    expect((await door('plan_start_order', { services: ['top'] })).body['waves']).toMatchObject([
      [{ service: 'base' }],
      [{ service: 'middle' }],
      [{ service: 'top' }],
    ]);
    for (const name of ['top', 'middle', 'base'])
      expect((await door('deregister_service', { name })).code).toBeUndefined();
  });

  it('is a registry of MCP servers, and applies a manifest while it runs', async () => {
    const headers = { authorization: `Bearer ${up.system.adminKey}` };
    const listed = await rest(up.system, ['GET', '/v0.1/servers?search=gmail&version=latest'], { headers });
    expect(listed).toMatchObject({
      status: 200,
      body: { servers: [{ server: { name: expect.stringMatching(/gmail$/) } }] },
    });
    const manifest = { services: { declared: { transport: 'rest', url: 'http://127.0.0.1:9' } } };
    const door = restDoor(up.system);
    expect((await door('apply_manifest', { manifest })).body).toMatchObject({
      applied: [{ name: 'declared' }],
    });
    expect((await door('apply_manifest', { manifest: { services: {} } })).code).toBeUndefined();
    expect((await door('get_service', { name: 'declared' })).code).toBe('service.not-found');
  });
});

describe('every kind of step', () => {
  it('runs: items at the same time, with choices', async () => {
    await register(up.examples);
    const door = restDoor(up.system);
    const inbox = await runToEnd(door, 'process-inbox', { since: '2026-03-01' });
    expect(inbox).toMatchObject({ status: 'SUCCEEDED', output: { total: expect.any(Number) } });
  });

  it('waits for a decision, and runs a workflow of its own, through callbacks', async () => {
    const door = mcpDoor(up.system);
    const asks = [{ id: 'ok', approval: { message: 'Go on?' } }];
    await door('define_workflow', { name: 'asks', steps: asks, output: '{% $ok.approved %}' });
    const runs = [{ id: 'inner', workflow: { name: 'asks' } }];
    await door('define_workflow', { name: 'runs-another', steps: runs });
    const id = workflowIdOf(await door('start_workflow', { workflow: 'runs-another' }));
    const waiting = await awaitStatus(door, id, ({ steps: [inner] }) => inner?.workflowId !== undefined);
    const child = waiting.steps[0]?.workflowId ?? '';
    await awaitStatus(door, child, ({ steps: [ok] }) => ok?.approval !== undefined);
    expect(await door('approve_step', { workflowId: child, step: 'ok' })).toMatchObject({ code: undefined });
    expect(await awaitStatus(door, id)).toMatchObject({ status: 'SUCCEEDED', output: { inner: true } });
  });
});

describe('a failure', () => {
  it('is retried by its name, undoes what was done, and a rerun succeeds', async () => {
    await register(up.examples);
    const door = restDoor(up.system);
    const notify = up.examples.urls['NOTIFY_SERVICE_URL'] ?? '';
    const tell = (mode: string) =>
      fetch(`${notify}/failure`, { method: 'PUT', body: JSON.stringify({ mode }) });
    await tell('always');
    const failed = await runToEnd(door, 'process-and-notify', { email_id: 'abc123' });
    expect(failed).toMatchObject({
      status: 'FAILED',
      error: { code: 'service.failed', step: 'notify', service: 'notify' },
    });
    expect(failed.steps.find(({ id }) => id === 'notify')).toMatchObject({ attempts: [{}, {}] });
    expect(failed.steps.find(({ id }) => id === 'store')).toMatchObject({ undo: { status: 'SUCCEEDED' } });
    await tell('off');
    const rerun = workflowIdOf(await door('rerun_workflow', { workflowId: failed.workflowId }));
    expect((await awaitStatus(door, rerun)).status).toBe('SUCCEEDED');
  });

  it('of an address in a special range is refused before anything is sent', async () => {
    const door = restDoor(up.system);
    const urls = ['http://169.254.169.254/', 'http://10.0.0.1/', 'http://[fd00::1]/'];
    for (const [index, url] of urls.entries()) {
      const name = `inside-${index}`;
      await door('register_service', { name, version: '1.0.0', transport: 'rest', url });
      const call = { service: name, request: { method: 'GET', path: '/' } };
      await door('define_workflow', { name: 'reaches-inside', steps: [{ id: 'get', call }] });
      const ended = await runToEnd(door, 'reaches-inside');
      expect([url, ended.status, ended.error?.code]).toEqual([url, 'FAILED', 'service.address-refused']);
    }
  });
});

describe('the Python services', () => {
  it(
    'run process-email as the TypeScript ones do',
    async (context) => {
      const python = present(await startPythonServices({ dataDir: folder }), context);
      try {
        await register(python);
        const ended = await runToEnd(restDoor(up.system), 'process-email', { email_id: 'abc123' });
        expect(ended).toMatchObject({ status: 'SUCCEEDED', output: { category: 'invoice' } });
      } finally {
        await python.stop();
      }
    },
    pythonServicesBoundMs,
  );
});

describe('another deployment', () => {
  const withoutInbox = async (): Promise<string> => {
    const Document = z.looseObject({ workflows: z.array(z.looseObject({ name: z.string() })) });
    const document = Document.parse(parse(await readFile(shippedManifest, 'utf8')));
    const workflows = document.workflows.filter(({ name }) => name !== 'process-inbox');
    const file = join(folder, 'smaller.yaml');
    await writeFile(file, stringify({ ...document, workflows: [...workflows, pausing] }));
    return file;
  };
  const pausing = { name: 'pausing', steps: [{ id: 'pause', wait: { seconds: 300 } }] };

  it('adds and withdraws workflows, and gives a machine back that was deleted by hand', async () => {
    const machines = createStepFunctions({
      endpoint: up.emulator.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'emulated-deployment', secretAccessKey: 'emulated-deployment' },
    });
    const door = restDoor(up.system);
    for await (const { arn } of machines.machines('orch-emulated-asks-')) await machines.deleteMachine(arn);
    await up.cdk.deploy(await withoutInbox());
    const { body } = await door('list_workflow_definitions', {});
    const names = z.object({ workflows: z.array(z.object({ name: z.string() })) }).parse(body);
    expect(names.workflows.map(({ name }) => name)).toContain('pausing');
    expect(names.workflows.map(({ name }) => name)).not.toContain('process-inbox');
    const id = workflowIdOf(await door('start_workflow', { workflow: 'asks' }));
    await awaitStatus(door, id, ({ steps: [ok] }) => ok?.approval !== undefined);
    await door('approve_step', { workflowId: id, step: 'ok' });
    expect((await awaitStatus(door, id)).status).toBe('SUCCEEDED');
    machines.close();
  }, 180_000);

  it('that would end running executions is refused, and changes nothing', async () => {
    const door = restDoor(up.system);
    const id = workflowIdOf(await door('start_workflow', { workflow: 'pausing' }));
    await expect(up.cdk.deploy(shippedManifest)).rejects.toThrow(/no longer names workflow pausing/);
    expect((await awaitStatus(door, id, () => true)).status).toBe('RUNNING');
    await door('terminate_workflow', { workflowId: id });
    expect((await awaitStatus(door, id)).status).toBe('TERMINATED');
  }, 180_000);
});

describe('a destroy', () => {
  it('leaves nothing behind, state machines of run time included', async () => {
    const before = await listEverything(up.emulator);
    expect(before['state machines']).toContain('orch-emulated-waits-');
    await up.cdk.destroy();
    say('destroyed');
    const left = Object.entries(await listEverything(up.emulator));
    expect(left.filter(([, list]) => /orch-emulated|orchestrator-emulated/.test(list))).toEqual([]);
  }, 300_000);
});
