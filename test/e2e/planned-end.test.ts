/** Before an execution is cancelled or terminated, a dry run says what that would abort and undo, and ends nothing. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awaitStatus, doors, restDoor, workflowIdOf } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { startScriptedMcp } from '../system/scripted-mcp.ts';
import type { ScriptedService } from '../system/scripted-service.ts';

let system: TestSystem;
let shop: ScriptedService;
const done: string[] = [];

beforeAll(async () => {
  shop = await startScriptedMcp(['book', 'unbook'], ({ tool, arguments: { what } }) => {
    done.push(`${tool} ${what}`);
    return { what };
  });
  system = await startTestSystem();
  const door = restDoor(system.endpoints);
  await door('register_service', { name: 'shop', transport: 'mcp', url: `${shop.url}/mcp` });
  const book = (id: string) => ({
    id,
    call: { service: 'shop', tool: 'book', arguments: { what: id } },
    compensate: { service: 'shop', tool: 'unbook', arguments: { what: id } },
  });
  const steps = [book('flight'), book('hotel'), { id: 'ok', approval: { message: 'Pay?' } }];
  expect((await door('define_workflow', { name: 'travel', steps })).code).toBeUndefined();
}, 60_000);

afterAll(async () => {
  await system?.close();
  await shop?.close();
});

describe.each(doors)('over $door', ({ open }) => {
  const door: ReturnType<typeof open> = (operation, input) => open(system.endpoints)(operation, input);
  const waiting = async (): Promise<string> => {
    const workflowId = workflowIdOf(await door('start_workflow', { workflow: 'travel', input: {} }));
    await awaitStatus(door, workflowId, ({ steps }) => steps.some(({ approval }) => approval !== undefined));
    return workflowId;
  };

  it('a cancel would abort what waits and undo what was done, the last first', async () => {
    const workflowId = await waiting();
    done.length = 0;
    expect(await door('cancel_workflow', { workflowId, dryRun: true })).toMatchObject({
      body: { workflowId, status: 'RUNNING', dryRun: true, aborts: ['ok'], undoes: ['hotel', 'flight'] },
    });
    expect((await door('get_workflow_status', { workflowId })).body['status']).toBe('RUNNING');
    expect(done).toEqual([]);
    await door('cancel_workflow', { workflowId });
    await awaitStatus(door, workflowId);
    expect(done).toEqual(['unbook hotel', 'unbook flight']);
    expect((await door('cancel_workflow', { workflowId, dryRun: true })).code).toBe('execution.closed');
  });

  it('a terminate would undo nothing', async () => {
    const workflowId = await waiting();
    expect(await door('terminate_workflow', { workflowId, dryRun: true })).toMatchObject({
      body: { dryRun: true, aborts: ['ok'], undoes: [] },
    });
    expect((await door('terminate_workflow', { workflowId })).body['status']).toBe('TERMINATED');
  });
});
