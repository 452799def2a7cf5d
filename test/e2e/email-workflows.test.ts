/** The main job over the example services, through both doors. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setNotifyFailure } from '../../local/demo/client.ts';
import { readManifest } from '../../local/read-manifest.ts';
import { awaitStatus, doors, rest, runToEnd, workflowIdOf } from '../system/clients.ts';
import { type ExampleServices, startExampleServices } from '../system/example-services.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';

let system: TestSystem;
let examples: ExampleServices;

beforeAll(async () => {
  examples = await startExampleServices({ env: {}, dataDir: await temporaryFolder(), freePorts: true });
  const manifest = await readManifest('examples/email/orchestrator.yaml', examples.urls);
  system = await startTestSystem({ manifest, defaultWorkflow: 'process-email' });
}, 60_000);

afterAll(async () => {
  await system.close();
  await examples.stop();
});

async function temporaryFolder(): Promise<string> {
  const { mkdtemp } = await import('node:fs/promises');
  const { tmpdir } = await import('node:os');
  return mkdtemp(`${tmpdir()}/orchestrator-examples-`);
}

const notifyUrl = (): string => examples.urls['NOTIFY_SERVICE_URL'] ?? '';

describe.each(doors)('the email workflows over $door', ({ open }) => {
  it('processes one email when only its id is given', async () => {
    const door = open(system.endpoints);
    const started = await door('start_workflow', { email_id: 'abc123' });
    expect(started.body).toMatchObject({ workflow: 'process-email', version: 1, status: 'RUNNING' });
    const status = await awaitStatus(door, workflowIdOf(started));
    expect(status).toMatchObject({
      status: 'SUCCEEDED',
      output: { node_id: 'email:abc123', category: 'invoice' },
    });
    expect(status.steps.map(({ path, status: of, service, tool }) => [path, of, service, tool])).toEqual([
      ['fetch', 'SUCCEEDED', 'gmail', 'get_email'],
      ['classify', 'SUCCEEDED', 'classifier', 'classify_email'],
      ['store', 'SUCCEEDED', 'graph', 'add_to_graph'],
    ]);
    expect(
      status.steps.every(({ attempts }) => attempts.length === 1 && attempts[0]?.error === undefined),
    ).toBe(true);
    expect(status.steps.flatMap(({ warnings = [] }) => warnings)).toEqual([]);
  });

  it('processes the inbox with one entry for each iteration, and skips spam', async () => {
    const status = await runToEnd(open(system.endpoints), 'process-inbox');
    expect(status).toMatchObject({ status: 'SUCCEEDED', output: { total: 15, stored: 13, skipped: 2 } });
    const stores = status.steps.filter(({ id }) => id === 'store');
    expect(stores).toHaveLength(15);
    expect(stores.filter((step) => step.status === 'SKIPPED')).toHaveLength(2);
    expect(stores[0]?.path).toBe('processed/0/store');
  });

  it('takes the stored node back when notify fails, and says which step of which service failed', async () => {
    await setNotifyFailure(notifyUrl(), 'always');
    const status = await runToEnd(open(system.endpoints), 'process-and-notify', { email_id: 'planning' });
    expect(status).toMatchObject({
      status: 'FAILED',
      error: { code: 'service.failed', step: 'notify', service: 'notify' },
    });
    expect(status.steps.find(({ id }) => id === 'store')?.undo?.status).toBe('SUCCEEDED');
    expect(status.steps.find(({ id }) => id === 'notify')?.attempts).toHaveLength(2);
    await setNotifyFailure(notifyUrl(), 'off');
    expect(
      await runToEnd(open(system.endpoints), 'process-and-notify', { email_id: 'planning' }),
    ).toMatchObject({
      status: 'SUCCEEDED',
      output: { node_id: 'email:planning', category: 'meeting' },
    });
  });

  it('fails with the code of the tool when an email does not exist', async () => {
    const status = await runToEnd(open(system.endpoints), 'process-email', { email_id: 'nobody' });
    expect(status).toMatchObject({
      status: 'FAILED',
      error: { code: 'service.tool-failed', step: 'fetch', service: 'gmail' },
    });
    expect(status.steps.map((step) => step.status)).toEqual(['FAILED', 'SKIPPED', 'SKIPPED']);
  });

  it('refuses a definition under the name of a workflow of the manifest', async () => {
    const answer = await open(system.endpoints)('define_workflow', {
      name: 'process-email',
      steps: [{ id: 'pause', wait: { seconds: 0 } }],
    });
    expect(answer.code).toBe('workflow.managed-by-manifest');
  });
});

it('answers the status as a resource exactly as its route does', async () => {
  const started = await rest(system.endpoints, ['POST', '/v1/executions'], {
    body: { input: { email_id: 'abc123' } },
  });
  expect(started.status).toBe(202);
  const id = String(started.body['workflowId']);
  await expect
    .poll(async () => (await rest(system.endpoints, ['GET', `/v1/executions/${id}`])).body['status'])
    .toBe('SUCCEEDED');
  const [route, resource] = await Promise.all([
    rest(system.endpoints, ['GET', `/v1/executions/${id}`]),
    rest(system.endpoints, ['GET', `/resources/get_workflow_status/${id}`]),
  ]);
  expect({ ...resource.body, pollAfterMs: 0 }).toEqual({ ...route.body, pollAfterMs: 0 });
});
