/** Who waits for an execution: how soon they are told, many at once, who hangs up, and a system that ends meanwhile. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { rest, restDoor } from '../system/clients.ts';
import { type HoldingService, holds, startHoldingService } from '../system/holding-service.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';

let system: TestSystem;
let service: HoldingService;

beforeAll(async () => {
  service = await startHoldingService();
  system = await startTestSystem();
  const door = restDoor(system.endpoints);
  await door('register_service', { name: 'worker', transport: 'rest', url: service.url });
  expect(await door('define_workflow', holds)).toMatchObject({ code: undefined });
}, 60_000);

afterAll(async () => {
  await system.close();
  await service.close();
});

const call = (method: string, path: string, body?: object) =>
  rest(system.endpoints, [method, path], body && { body });

const Started = z.object({ workflowId: z.string() });
const start = async (key: string): Promise<string> =>
  Started.parse((await call('POST', '/v1/executions', { workflow: 'holds', input: { key } })).body)
    .workflowId;

it('who is waited for is told within moments of the end', async () => {
  const workflowId = await start('soon');
  const answered = call('GET', `/v1/executions/${workflowId}?wait=9`).then((answer) => ({
    answer,
    at: Date.now(),
  }));
  await service.letGo('soon');
  const { answer, at } = await answered;
  const { closedAt } = z.object({ closedAt: z.string() }).parse(answer.body);
  expect(at - Date.parse(closedAt)).toBeLessThan(200);
});
it('two hundred who wait at once are all answered at its end', async () => {
  const workflowId = await start('many');
  const waiting = Array.from({ length: 200 }, () => call('GET', `/v1/executions/${workflowId}?wait=9`));
  await service.isHeld('many');
  await service.letGo('many');
  const answers = await Promise.all(waiting);
  expect(new Set(answers.map(({ status, body }) => `${status} ${body['status']}`))).toEqual(
    new Set(['200 SUCCEEDED']),
  );
}, 20_000);

it('a caller that goes away is waited for no longer, and what it called goes on', async () => {
  const gone = new AbortController();
  const body = JSON.stringify({ workflow: 'holds', input: { key: 'gone' }, labels: { caller: 'gone' } });
  const asked = fetch(`${system.endpoints.api}/v1/workflow-calls`, {
    method: 'POST',
    body,
    signal: gone.signal,
  });
  await service.isHeld('gone');
  const lines = async () =>
    (await readFile(`${system.dataDir}/log`, 'utf8'))
      .split('\n')
      .filter((line) => line.includes('"/v1/workflow-calls"')).length;
  const before = await lines();
  gone.abort();
  await expect(asked).rejects.toThrow('aborted');
  await expect.poll(lines, { timeout: 3_000 }).toBe(before + 1);
  await service.letGo('gone');
  const listed = await call('GET', '/v1/executions?label=caller%3Dgone');
  const [one] = z.array(z.object({ workflowId: z.string() })).parse(listed.body['workflows']);
  expect((await call('GET', `/v1/executions/${one?.workflowId}?wait=9`)).body['status']).toBe('SUCCEEDED');
});

it('a system that ends waits for nobody who waits', async () => {
  const other = await startTestSystem();
  const door = restDoor(other.endpoints);
  await door('define_workflow', { name: 'pauses', steps: [{ id: 'pause', wait: { seconds: 60 } }] });
  const { body } = await door('start_workflow', { workflow: 'pauses' });
  const asked = door('get_workflow_status', { workflowId: body['workflowId'], wait: 25 });
  const refused = expect(asked).rejects.toThrow();
  await expect.poll(async () => readFile(`${other.dataDir}/log`, 'utf8')).toContain('start_workflow');
  const before = Date.now();
  await other.close();
  await refused;
  expect(Date.now() - before).toBeLessThan(3_000);
});

it('calls of one batch of MCP share the time that a request may wait', {
  tags: ['long'],
  timeout: 40_000,
}, async () => {
  const message = (id: number) => ({
    jsonrpc: '2.0',
    id,
    method: 'tools/call',
    params: { name: 'call_workflow', arguments: { workflow: 'holds', input: { key: 'batch' } } },
  });
  const before = Date.now();
  const response = await fetch(system.endpoints.mcp, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify([message(1), message(2), message(3)]),
  });
  const answers = z
    .array(z.object({ result: z.object({ structuredContent: z.looseObject({ status: z.string() }) }) }))
    .parse(await response.json());
  expect(Date.now() - before).toBeLessThan(28_000);
  expect(answers.map(({ result }) => result.structuredContent.status)).toEqual([
    'RUNNING',
    'RUNNING',
    'RUNNING',
  ]);
  await service.letGo('batch');
});
