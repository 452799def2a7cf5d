/** What happens is logged, and once: an execution, its steps, calls and undos, moves of instances, scaling, refusals. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import {
  awaitStatus,
  type Door,
  mcpDoor,
  rest,
  restDoor,
  runToEnd,
  workflowIdOf,
} from '../system/clients.ts';
import { changeIn, drivenService, endOfChange, servingThrough, until } from '../system/driven-services.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { startScriptedMcp } from '../system/scripted-mcp.ts';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';

const adminKey = 'k'.repeat(32);
const bound = 60_000;

let system: TestSystem;
let shop: ScriptedService;
let stock: ScriptedService;
let door: Door;

beforeAll(async () => {
  const tries = new Map<string, number>();
  shop = await startScriptedService(({ path }, response) => {
    tries.set(path, (tries.get(path) ?? 0) + 1);
    const fails = path === '/fails' || (path === '/second-time' && tries.get(path) === 1);
    json(response, {}, fails ? 503 : 200);
  });
  stock = await startScriptedMcp(['release'], () => ({}));
  const fleet = drivenService({ name: 'fleet' });
  system = await startTestSystem({
    manifest: { services: [fleet], workflows: [] },
    adminKey,
    allowLocalDrivers: true,
  });
  door = restDoor({ ...system.endpoints, adminKey });
  await door('register_service', { name: 'shop', transport: 'rest', url: shop.url });
  await door('register_service', { name: 'stock', transport: 'mcp', url: `${stock.url}/mcp` });
}, bound);

afterAll(async () => {
  await system?.close();
  await shop?.close();
  await stock?.close();
});

const Line = z.looseObject({ level: z.string(), message: z.string(), function: z.string() });

async function logged(): Promise<z.infer<typeof Line>[]> {
  const text = await readFile(join(system.dataDir, 'log'), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => Line.parse(JSON.parse(line)));
}

/** How often each is said, by the parts of it that are named. */
async function counted(fields: readonly string[], of: (line: Record<string, unknown>) => boolean) {
  const counts: Record<string, number> = {};
  for (const line of await logged()) {
    if (!of(line)) continue;
    const key = fields.flatMap((field) => (line[field] === undefined ? [] : [String(line[field])])).join(' ');
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

const get = (path: string) => ({ service: 'shop', request: { method: 'GET', path } });

async function define(name: string, steps: readonly unknown[]): Promise<void> {
  expect(await door('define_workflow', { name, steps })).toEqual({
    code: undefined,
    body: expect.anything(),
  });
}

it('an execution: its start, every attempt of a step, every call, every undo, and its end', async () => {
  await define('buying', [
    {
      id: 'reserve',
      call: get('/second-time'),
      retry: { maxAttempts: 2, intervalSeconds: 1 },
      compensate: { service: 'stock', tool: 'release', arguments: {} },
    },
    { id: 'pay', call: get('/fails') },
  ]);
  const { workflowId, status } = await runToEnd(door, 'buying');
  expect(status).toBe('FAILED');
  const fields = ['function', 'level', 'message', 'step', 'service', 'attempt', 'status', 'call', 'code'];
  // The end is shown before its line is written.
  await expect
    .poll(() => counted(fields, (line) => line['workflowId'] === workflowId))
    .toEqual({
      'api INFO execution started': 1,
      'run-step WARN service call reserve shop GET /second-time service.failed': 1,
      'run-step WARN step attempt reserve shop 1 RUNNING service.failed': 1,
      'run-step INFO service call reserve shop GET /second-time': 1,
      'run-step INFO step attempt reserve shop 2 SUCCEEDED': 1,
      'run-step WARN service call pay shop GET /fails service.failed': 1,
      'run-step WARN step attempt pay shop 1 FAILED service.failed': 1,
      'undo INFO service call reserve stock release': 1,
      'undo INFO undo attempt reserve stock 1': 1,
      'undo WARN execution ended FAILED service.failed': 1,
    });
}, 30_000);

it('steps that wait: an approval, and a run of another workflow, which says whose it is', async () => {
  await define('inner', [{ id: 'only', call: get('/works') }]);
  await define('outer', [
    { id: 'run', workflow: { name: 'inner' } },
    { id: 'sure', approval: { message: 'Sure?' } },
  ]);
  const workflowId = workflowIdOf(await door('start_workflow', { workflow: 'outer' }));
  const isAsked = async () => (await door('approve_step', { workflowId, step: 'sure' })).code === undefined;
  await until(async () => ((await isAsked()) ? true : undefined));
  await awaitStatus(door, workflowId);
  const fields = ['message', 'step', 'status'];
  expect(await counted(fields, (line) => line['workflowId'] === workflowId)).toEqual({
    'execution started': 1,
    'step attempt run SUCCEEDED': 1,
    'step attempt sure SUCCEEDED': 1,
    'execution ended SUCCEEDED': 1,
  });
  expect(await counted(['message', 'workflow'], (line) => line['parent'] === workflowId)).toEqual({
    'execution started inner': 1,
  });
}, 30_000);

it('a call that somebody makes without a workflow', async () => {
  const request = { method: 'GET', path: '/direct' };
  await door('call_service', { service: 'shop', request });
  const isIt = (line: Record<string, unknown>) => line['call'] === 'GET /direct';
  expect(await counted(['function', 'message', 'service', 'code'], isIt)).toEqual({
    'api service call shop': 1,
  });
});

it('a call that fails at the service as a warning, without where in the code that was seen', async () => {
  await door('call_service', get('/fails'));
  const isIt = (line: Record<string, unknown>) => line['message'] === 'request failed';
  expect(await counted(['level', 'function', 'code', 'cause'], isIt)).toEqual({
    'WARN api service.failed': 1,
  });
});

it(
  'moves of an instance, a change that somebody asks for, and the count that it decides',
  async () => {
    await until(async () => ((await servingThrough(door, 'fleet')).length === 1 ? true : undefined));
    const { body } = await door('scale_service', { service: 'fleet', instances: 2 });
    const { changeId } = await endOfChange(door, changeIn(body).changeId);
    const isOfChange = (line: Record<string, unknown>) => line['changeId'] === changeId;
    expect(await counted(['message', 'kind', 'service', 'from', 'to', 'status'], isOfChange)).toEqual({
      'change requested scale': 1,
      'scaled by request fleet 1 2': 1,
      'change ended scale SUCCEEDED': 1,
    });
    const isMove = ({ message, service }: Record<string, unknown>) =>
      service === 'fleet' && message === 'instance moved';
    const moves = await counted(['instance', 'state'], isMove);
    const states = Object.keys(moves).map((key) => key.split(' ')[1]);
    expect(states.sort()).toEqual(['PENDING', 'PENDING', 'RUNNING', 'RUNNING', 'STARTING', 'STARTING']);
    expect(Object.values(moves)).toEqual([1, 1, 1, 1, 1, 1]);
  },
  bound,
);

it('a request that is refused, whoever refuses it', async () => {
  const { endpoints } = system;
  const headers = { authorization: `Bearer ${adminKey}` };
  await rest(endpoints, ['GET', '/v1/services/refused-without-key']);
  await rest(endpoints, ['GET', '/v1/services/refused-by-rest'], { headers });
  await mcpDoor({ ...endpoints, adminKey })('get_service', { name: 'refused-by-mcp' });
  const isRefusal = ({ path, tool }: Record<string, unknown>) =>
    String(path).includes('/refused-') || tool === 'get_service';
  const fields = ['function', 'level', 'message', 'path', 'tool', 'status', 'code'];
  expect(await counted(fields, isRefusal)).toEqual({
    'gateway WARN request refused /v1/services/refused-without-key 401 access.unauthenticated': 1,
    'api WARN request /v1/services/refused-by-rest 404 service.not-found': 1,
    'api WARN tool refused get_service service.not-found': 1,
  });
});

it('what a request causes with the trace that its caller is in: calls, attempts and undos', async () => {
  const traceId = '1af7651916cd43dd8448eb211c80319c';
  const headers = {
    authorization: `Bearer ${adminKey}`,
    traceparent: `00-${traceId}-b7ad6b7169203331-01`,
    'content-type': 'application/json',
  };
  const body = JSON.stringify({ workflow: 'traced', input: {} });
  const request = { method: 'POST', path: '/works', body: {} };
  const taken = { service: 'shop', request };
  await door('define_workflow', {
    name: 'traced',
    steps: [
      { id: 'take', call: taken, compensate: { service: 'stock', tool: 'release', arguments: {} } },
      { id: 'break', call: { service: 'shop', request: { ...request, path: '/fails' } } },
    ],
  });
  await rest(system.endpoints, ['POST', '/v1/executions?wait=20'], { headers, body });
  const isIt = (line: Record<string, unknown>) => line['traceId'] === traceId && line['function'] !== 'api';
  await until(async () => {
    const lines = await counted(['function', 'message'], isIt);
    return lines['undo undo attempt'] === 1 ? lines : undefined;
  });
  expect(await counted(['function', 'message'], isIt)).toEqual({
    'run-step service call': 2,
    'run-step step attempt': 2,
    'undo service call': 1,
    'undo undo attempt': 1,
  });
});

it('a request with the trace that its caller is in', async () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const headers = { authorization: `Bearer ${adminKey}`, traceparent };
  await rest(system.endpoints, ['GET', '/v1/services/shop'], { headers });
  const isIt = ({ traceId }: Record<string, unknown>) => traceId === '0af7651916cd43dd8448eb211c80319c';
  expect(await counted(['message', 'path', 'status'], isIt)).toEqual({ 'request /v1/services/shop 200': 1 });
});
