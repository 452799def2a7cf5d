/** Old versions of a workflow: listed, shown, and deleted when nothing uses them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awaitStatus, type Door, doors, rest, runToEnd, workflowIdOf } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';

let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem();
}, 60_000);

afterAll(() => system.close());

const waiting = (name: string, seconds: number) => ({
  name,
  description: `Waits ${seconds} s`,
  steps: [{ id: 'pause', wait: { seconds } }],
});

describe.each(doors)('by $door', ({ door: doorName, open }) => {
  const door: Door = (operation, input) => open(system.endpoints)(operation, input);
  const own = (text: string): string => `${text}-${doorName.toLowerCase()}`;
  const versionsOf = async (name: string): Promise<unknown> =>
    (await door('list_workflow_versions', { name })).body['versions'];

  async function define(name: string, ...seconds: number[]): Promise<string> {
    for (const one of seconds) await door('define_workflow', waiting(name, one));
    return name;
  }

  it('are listed, newest first and page by page, and each can be read', async () => {
    const name = await define(own('grows'), 0, 1, 2);
    const first = (await door('list_workflow_versions', { name, limit: 2 })).body;
    expect(first).toMatchObject({
      name,
      versions: [
        { version: 3, newest: true, description: 'Waits 2 s', managedBy: 'api', services: [] },
        { version: 2, newest: false, description: 'Waits 1 s' },
      ],
    });
    const { nextCursor: cursor } = first;
    const last = (await door('list_workflow_versions', { name, limit: 2, cursor })).body;
    expect(last).toMatchObject({ versions: [{ version: 1, description: 'Waits 0 s' }] });
    expect(last).not.toHaveProperty('nextCursor');
    expect((await door('get_workflow_definition', { name, version: 1 })).body).toMatchObject({
      version: 1,
      definition: waiting(name, 0),
    });
    expect((await door('list_workflow_versions', { name: own('nobody') })).code).toBe('workflow.not-found');
  });

  it('one that nothing uses is deleted, and its executions are still shown', async () => {
    const name = await define(own('shrinks'), 0);
    const { workflowId } = await runToEnd(door, name);
    await define(name, 1);
    const deleted = await door('delete_workflow_version', { name, version: 1 });
    expect(deleted.body).toMatchObject({ name, version: 1, deletedAt: expect.any(String) });
    expect((await door('delete_workflow_version', { name, version: 1 })).body).toEqual(deleted.body);
    expect(await versionsOf(name)).toMatchObject([{ version: 2 }]);
    expect((await door('get_workflow_definition', { name, version: 1 })).code).toBe('workflow.not-found');
    expect((await door('delete_workflow_version', { name, version: 7 })).code).toBe('workflow.not-found');
    expect(await awaitStatus(door, workflowId)).toMatchObject({
      status: 'SUCCEEDED',
      steps: [{ id: 'pause', status: 'SUCCEEDED' }],
    });
  });

  it('the newest one stays, and so does one with open executions, which are named', async () => {
    const name = await define(own('used'), 60);
    expect(await door('delete_workflow_version', { name, version: 1 })).toMatchObject({
      code: 'workflow.in-use',
      body: { errors: [{ path: 'version', message: expect.stringMatching(/^is the newest one/) }] },
    });
    const workflowId = workflowIdOf(await door('start_workflow', { workflow: name, input: {} }));
    await define(name, 1);
    expect(await door('delete_workflow_version', { name, version: 1 })).toMatchObject({
      code: 'workflow.in-use',
      body: { errors: [{ path: 'version', message: `is run by the open execution ${workflowId}` }] },
    });
    await door('terminate_workflow', { workflowId });
    expect((await door('delete_workflow_version', { name, version: 1 })).code).toBeUndefined();
  });
});

it('have routes', async () => {
  await rest(system.endpoints, ['PUT', '/v1/workflows/routed'], { body: waiting('routed', 0) });
  await rest(system.endpoints, ['PUT', '/v1/workflows/routed'], { body: waiting('routed', 1) });
  const deleted = await rest(system.endpoints, ['DELETE', '/v1/workflows/routed/versions/1']);
  expect(deleted).toMatchObject({ status: 200, body: { name: 'routed', version: 1 } });
  const listed = await rest(system.endpoints, ['GET', '/v1/workflows/routed/versions']);
  expect(listed.body['versions']).toMatchObject([{ version: 2, newest: true }]);
});
