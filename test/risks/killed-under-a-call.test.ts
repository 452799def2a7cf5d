/**
 * Risk: the system is killed while a call is under way, and starting again makes the effect of the call a second time.
 * @module-tag long
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { awaitStatus, type Door, runToEnd, type Status, workflowIdOf } from '../system/clients.ts';
import { createLocalProcess, type LocalProcess } from '../system/local-process.ts';
import { startScriptedMcp } from '../system/scripted-mcp.ts';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';
import { eventually } from './execution-ring.ts';

let bank: ScriptedService;
let ledger: ScriptedService;
let system: LocalProcess;
/** Whether calls are left without an answer. */
let silent = true;
/** The tools that were called. */
const tools: string[] = [];

const rest = (name: string, method: string, retry?: object) => ({
  name,
  steps: [{ id: 'work', call: { service: 'bank', request: { method, path: `/${name}` } }, retry }],
});
const mcp = (name: string, service: string) => ({
  name,
  steps: [{ id: 'work', call: { service, tool: name, arguments: {} } }],
});

beforeAll(async () => {
  bank = await startScriptedService((_seen, response) => {
    if (!silent) json(response, { done: true });
  });
  const trusted = { name: 'tool-trusted', annotations: { idempotentHint: true } };
  ledger = await startScriptedMcp(['tool-once', trusted], ({ tool }) => {
    tools.push(tool);
    return silent ? new Promise(() => {}) : { done: true };
  });
  system = await createLocalProcess({
    services: {
      bank: { transport: 'rest', url: bank.url },
      ledger: { transport: 'mcp', url: ledger.url },
      believed: { transport: 'mcp', url: ledger.url, trustHints: true },
    },
    workflows: [
      rest('once', 'POST'),
      rest('twice', 'POST', { maxAttempts: 2, intervalSeconds: 1 }),
      rest('put', 'PUT'),
      rest('get', 'GET'),
      mcp('tool-once', 'ledger'),
      mcp('tool-trusted', 'believed'),
    ],
  });
});

afterAll(async () => {
  await system.close();
  await Promise.all([bank, ledger].map((service) => service.close()));
});

const sentTo = (path: string) => bank.seen.filter((seen) => seen.path === path);
const start = async (door: Door, workflow: string) =>
  workflowIdOf(await door('start_workflow', { workflow, input: {} }));
const reached = (holds: () => boolean) => eventually(() => (holds() ? true : undefined));

const inDoubt = {
  status: 'FAILED',
  error: { code: 'step.interrupted', step: 'work' },
  steps: [
    {
      status: 'IN_DOUBT',
      attempts: [{ error: { code: 'step.interrupted', effect: 'unknown' } }],
    },
  ],
};

it('a call that may have been sent is sent again only where it is allowed, and else is in doubt', {
  timeout: 90_000,
}, async () => {
  const first = await system.start();
  const ids = new Map<string, string>();
  await first('refresh_service', { name: 'believed' });
  for (const name of ['once', 'twice', 'put', 'get', 'tool-once', 'tool-trusted'])
    ids.set(name, await start(first, name));
  await reached(() => bank.seen.length === 4 && tools.length === 2);
  await system.kill();

  const second = await system.start();
  const endOf = (door: Door, name: string): Promise<Status> => awaitStatus(door, ids.get(name) ?? '');
  expect(await endOf(second, 'once')).toMatchObject(inDoubt);
  expect(await endOf(second, 'tool-once')).toMatchObject(inDoubt);
  await reached(() => sentTo('/twice').length === 2 && sentTo('/put').length === 2);
  await reached(() => sentTo('/get').length === 2 && tools.length === 3);
  await system.kill();

  silent = false;
  const third = await system.start();
  const attempt = { error: { code: 'step.interrupted', effect: 'unknown' } };
  expect(await endOf(third, 'twice')).toMatchObject({
    ...inDoubt,
    steps: [{ status: 'IN_DOUBT', attempts: [attempt, attempt] }],
  });
  expect((await endOf(third, 'tool-trusted')).status).toBe('SUCCEEDED');
  expect((await endOf(third, 'put')).status).toBe('SUCCEEDED');
  expect((await endOf(third, 'get')).status).toBe('SUCCEEDED');

  expect(sentTo('/once')).toHaveLength(1);
  expect(sentTo('/twice')).toHaveLength(2);
  expect(new Set(sentTo('/twice').map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
  expect(tools.filter((tool) => tool === 'tool-once')).toHaveLength(1);
});

it('a retry of the execution sends it again, as whoever asks for it decides', {
  timeout: 60_000,
}, async () => {
  silent = true;
  const calls = sentTo('/once').length;
  const before = await system.start();
  const workflowId = await start(before, 'once');
  await reached(() => sentTo('/once').length === calls + 1);
  await system.kill();
  silent = false;
  const after = await system.start();
  expect(await awaitStatus(after, workflowId)).toMatchObject(inDoubt);
  await after('retry_workflow', { workflowId });
  expect(await awaitStatus(after, workflowId)).toMatchObject({
    status: 'SUCCEEDED',
    steps: [{ status: 'SUCCEEDED', attempts: [{ error: { code: 'step.interrupted' } }, {}] }],
  });
  expect(sentTo('/once')).toHaveLength(calls + 2);
  expect((await runToEnd(after, 'once')).status).toBe('SUCCEEDED');
});
