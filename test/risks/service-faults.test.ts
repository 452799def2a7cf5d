/** Risk: a service that misbehaves takes its workflow, or the orchestrator, with it in some undocumented way. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awaitStatus, type Door, restDoor, runToEnd, workflowIdOf } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { json, type Script, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';
import { mcpScript, toolFailure } from './mcp-script.ts';

let system: TestSystem;
let door: Door;
const services: ScriptedService[] = [];
let names = 0;

async function serve(script: Script): Promise<ScriptedService> {
  const service = await startScriptedService(script);
  services.push(service);
  return service;
}

async function closedPort(): Promise<string> {
  const service = await startScriptedService(() => undefined);
  await service.close();
  return service.url;
}

interface Target {
  readonly url: string;
  readonly transport: 'rest' | 'mcp';
  readonly call: object;
}

/** Registers the service and a workflow of one step `call` under new names. */
async function define({ url, transport, call }: Target): Promise<string> {
  names += 1;
  const name = `case-${names}`;
  const registered = await door('register_service', { name, transport, url });
  expect(registered.code).toBeUndefined();
  const retry = { maxAttempts: 2, intervalSeconds: 1 };
  const steps = [{ id: 'call', call: { service: name, ...call }, timeoutSeconds: 2, retry }];
  const defined = await door('define_workflow', { name, steps });
  expect(defined.code).toBeUndefined();
  return name;
}

const request = { request: { method: 'POST', path: '/work', body: {} } };

interface Fault {
  readonly code: string;
  readonly attempts: number;
  readonly status?: string;
}

async function expectFault(target: Target, { code, attempts, status = 'FAILED' }: Fault): Promise<void> {
  const workflow = await define(target);
  const ended = await runToEnd(door, workflow);
  expect(ended.status).toBe('FAILED');
  expect(ended.error).toMatchObject({ code, step: 'call', service: workflow });
  expect(ended.steps[0]?.status).toBe(status);
  expect(ended.steps[0]?.attempts.map(({ error }) => error?.code)).toEqual(Array(attempts).fill(code));
  expect((await runToEnd(door, 'healthy')).status).toBe('SUCCEEDED');
}

beforeAll(async () => {
  system = await startTestSystem();
  door = restDoor(system.endpoints);
  const healthy = await serve((_seen, response) => json(response, { ok: true }));
  await door('register_service', { name: 'healthy', transport: 'rest', url: healthy.url });
  const steps = [{ id: 'call', call: { service: 'healthy', ...request } }];
  await door('define_workflow', { name: 'healthy', steps });
});

afterAll(async () => {
  await system.close();
  await Promise.all(services.map((service) => service.close()));
});

const answersText =
  (status: number, type: string, body: string, headers = {}): Script =>
  (_seen, response) =>
    response.writeHead(status, { 'content-type': type, ...headers }).end(body);

describe('a REST service fails its step and its execution, and nothing else, when it', () => {
  it('is down: tried again', async () => {
    const url = await closedPort();
    await expectFault(
      { url, transport: 'rest', call: request },
      { code: 'service.unreachable', attempts: 2 },
    );
  });

  it.each<[string, Script, string, number]>([
    ['answers 500', answersText(500, 'text/plain', 'oops'), 'service.failed', 2],
    [
      'answers 429 with a Retry-After beyond what a step can wait',
      answersText(429, 'text/plain', 'slow down', { 'retry-after': '900' }),
      'service.throttled',
      1,
    ],
    ['answers 404', answersText(404, 'text/plain', 'no'), 'service.rejected', 1],
  ])('%s', (_name, script, code, attempts) => expectAnswer(script, { code, attempts }));

  it.each<[string, Script, string, number]>([
    ['hangs', () => undefined, 'service.timeout', 2],
    ['answers broken JSON', answersText(200, 'application/json', '{"a":'), 'service.bad-response', 1],
    ['answers HTML', answersText(200, 'text/html', '<h1>Hello</h1>'), 'service.bad-response', 1],
    [
      'answers a result over the cap',
      (_s, response) => json(response, { text: 'x'.repeat(4 * 1024 * 1024) }),
      'step.result-too-large',
      1,
    ],
  ])('%s, so that the effect is in doubt', (_name, script, code, attempts) =>
    expectAnswer(script, { code, attempts, status: 'IN_DOUBT' }),
  );
});

async function expectAnswer(script: Script, fault: Fault): Promise<void> {
  const service = await serve(script);
  await expectFault({ url: service.url, transport: 'rest', call: request }, fault);
  expect(new Set(service.seen.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
  expect(service.seen).toHaveLength(fault.attempts);
}

it('a REST service that resets the connection leaves its step in doubt, after both attempts', async () => {
  const service = await serve((_seen, response) => response.destroy());
  const target: Target = { url: service.url, transport: 'rest', call: request };
  await expectFault(target, { code: 'service.connection-lost', attempts: 2, status: 'IN_DOUBT' });
  expect(new Set(service.seen.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
  expect(service.seen).toHaveLength(2);
});

describe('an MCP service fails its step and its execution, and nothing else, when', () => {
  it.each<[string, object, string]>([
    ['the tool answers an error', { tool: 'refuse', arguments: { id: 'a' } }, 'service.tool-failed'],
    ['the tool does not exist', { tool: 'nothing', arguments: { id: 'a' } }, 'service.tool-not-found'],
    ['the arguments break the schema', { tool: 'add', arguments: { id: 7 } }, 'service.arguments-invalid'],
  ])('%s: not tried again', async (_name, call, code) => {
    const service = await serve(mcpScript(() => toolFailure('that does not work')));
    await expectFault({ url: service.url, transport: 'mcp', call }, { code, attempts: 1 });
  });
});

it('waits out a Retry-After that fits the deadline within one attempt', async () => {
  let calls = 0;
  const service = await serve((_seen, response) => {
    calls += 1;
    if (calls > 1) return json(response, { ok: true });
    return response.writeHead(429, { 'retry-after': '1' }).end();
  });
  const workflow = await define({ url: service.url, transport: 'rest', call: request });
  const ended = await runToEnd(door, workflow);
  expect(ended.status).toBe('SUCCEEDED');
  expect(ended.steps[0]?.attempts).toHaveLength(1);
  expect(service.seen).toHaveLength(2);
});

it('succeeds when the second attempt does, and shows the failed first one', async () => {
  let calls = 0;
  const service = await serve((_seen, response) => {
    calls += 1;
    return json(response, { calls }, calls === 1 ? 500 : 200);
  });
  const workflow = await define({ url: service.url, transport: 'rest', call: request });
  const started = workflowIdOf(await door('start_workflow', { workflow, input: {} }));
  const ended = await awaitStatus(door, started);
  expect(ended.output).toEqual({ call: { calls: 2 } });
  expect(ended.steps[0]?.attempts.map(({ error }) => error?.code)).toEqual(['service.failed', undefined]);
});
