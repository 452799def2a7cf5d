/**
 * The log says what happened and to whom, and never what was in it. Marked secrets go through every surface; then all that
 * was written is searched: credentials are nowhere, and payloads are where executions are kept, but in no log.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type Door, mcpDoor, rest, restDoor, runToEnd } from '../system/clients.ts';
import { drivenService, instancesThrough, servingThrough, until } from '../system/driven-services.ts';
import { type EventReceiver, startEventReceiver } from '../system/event-receiver.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { type OtlpReceiver, startOtlpReceiver } from '../system/otlp-receiver.ts';
import { startScriptedMcp } from '../system/scripted-mcp.ts';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';

/** What proves something to somebody: it is kept nowhere. */
const credentials = {
  adminKey: 'marked-admin-key-0123456789abcdef',
  wrongToken: 'marked-wrong-token',
  apiKeyHeader: 'marked-api-key-header',
  cookie: 'marked-cookie',
  query: 'marked-query-token',
  webhookSecret: `whsec_${Buffer.from('marked-webhook-secret-of-24').toString('base64')}`,
  metricsToken: 'marked-metrics-token-0123456789abcdef',
  otlpHeader: 'marked-otlp-header',
};

/** What signs requests to those who subscribe: given, or made here and shown once. It is kept in the table, and nowhere else. */
const subscriptionSecrets: Record<string, string> = {
  given: `whsec_${Buffer.from('marked-given-secret-of-24-b').toString('base64')}`,
  made: '',
};

/** What executions and registrations are made of. */
const payloads = {
  restInput: 'marked-rest-input',
  mcpInput: 'marked-mcp-input',
  result: 'marked-result',
  errorText: 'marked-error-text',
  toolError: 'marked-tool-error',
  refusedArgument: 'marked-refused-argument',
  brokenJson: 'marked-broken-json',
  reason: 'marked-reason',
  env: 'marked-driver-env',
  printed: 'marked-printed',
};

const printing = `
console.log('API_KEY=' + process.env.API_KEY);
console.log('plain ' + '${payloads.printed}');
require('node:http').createServer((_, response) => response.end('{}')).listen(Number(process.env.PORT), '127.0.0.1');`;

const printer = drivenService({
  name: 'printer',
  more: {
    driver: {
      kind: 'process',
      settings: {
        command: [process.execPath, '-e', printing],
        env: { API_KEY: payloads.env },
        stopGraceSeconds: 1,
      },
    },
  },
});

let system: TestSystem;
let vault: ScriptedService;
let tools: ScriptedService;
let collector: OtlpReceiver;
let listener: EventReceiver;
let door: Door;

beforeAll(async () => {
  const { adminKey, metricsToken, webhookSecret: secret } = credentials;
  collector = await startOtlpReceiver();
  listener = await startEventReceiver();
  vault = await startScriptedService(({ path }, response) => {
    if (path === '/loud') return json(response, { value: 'heard', apiKey: payloads.result });
    if (path === '/fails') return json(response, { detail: payloads.errorText }, 500);
    json(response, { value: payloads.result });
  });
  tools = await startScriptedMcp(['ask'], () => {
    throw new Error(payloads.toolError);
  });
  system = await startTestSystem({
    manifest: { services: [printer], workflows: [] },
    adminKey,
    allowLocalDrivers: true,
    metricsToken,
    tracing: { endpoint: collector.url, headers: `authorization=${credentials.otlpHeader}` },
    webhooks: { secret },
    logPayloads: ['service:loud', 'workflow:shown'],
  });
  door = restDoor({ ...system.endpoints, adminKey });
  await register();
  await everySurface();
}, 60_000);

afterAll(async () => {
  await system?.close();
  await vault?.close();
  await tools?.close();
  await collector?.close();
  await listener?.close();
});

async function register(): Promise<void> {
  for (const name of ['vault', 'loud'])
    await door('register_service', { name, transport: 'rest', url: vault.url });
  await door('register_service', { name: 'tools', transport: 'mcp', url: `${tools.url}/mcp` });
  const post = (path: string) => ({ method: 'POST', path, body: '{% $input %}' });
  for (const path of ['/works', '/fails']) {
    const call = { service: 'vault', request: post(path) };
    await door('define_workflow', { name: `calls${path.replace('/', '-')}`, steps: [{ id: 'call', call }] });
  }
  const call = { service: 'tools', tool: 'ask', arguments: { with: '{% $input.password %}' } };
  await door('define_workflow', { name: 'asks', steps: [{ id: 'ask', call }] });
}

async function subscribe(): Promise<void> {
  await door('create_webhook', { url: `${listener.url}/given`, secret: subscriptionSecrets['given'] });
  const { body } = await door('create_webhook', { url: `${listener.url}/made` });
  subscriptionSecrets['made'] = z.string().startsWith('whsec_').parse(body['secret']);
}

async function everySurface(): Promise<void> {
  const { endpoints } = system;
  await subscribe();
  const mcp = mcpDoor({ ...endpoints, adminKey: credentials.adminKey });
  for (const name of ['calls-works', 'calls-fails', 'asks'])
    await runToEnd(door, name, { password: payloads.restInput });
  await mcp('call_workflow', { workflow: 'calls-works', input: { token: payloads.mcpInput } });
  await mcp('start_workflow', { workflow: 'calls-works', unknown: payloads.refusedArgument });
  const request = { method: 'POST', path: '/works', body: { password: payloads.restInput } };
  await door('call_service', { service: 'vault', request });
  await door('call_service', { service: 'loud', request: { ...request, path: '/loud' } });
  const wrong = {
    authorization: `Bearer ${credentials.wrongToken}`,
    'x-api-key': credentials.apiKeyHeader,
    cookie: `session=${credentials.cookie}`,
  };
  await rest(endpoints, ['GET', `/v1/services?access_token=${credentials.query}`], { headers: wrong });
  const headers = { ...wrong, authorization: `Bearer ${credentials.adminKey}` };
  await rest(endpoints, ['GET', `/v1/services?access_token=${credentials.query}`], { headers });
  await rest(endpoints, ['POST', '/v1/executions'], { headers, body: `{"input": "${payloads.brokenJson}` });
  await until(async () => ((await servingThrough(door, 'printer')).length > 0 ? true : undefined));
  await door('restart_service', { service: 'printer', reason: payloads.reason });
}

async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

/** In which files a text stands. */
async function filesWith(text: string): Promise<string[]> {
  const found: string[] = [];
  for (const file of await filesOf(system.dataDir)) {
    const bytes = await readFile(file).catch(() => Buffer.alloc(0));
    if (bytes.includes(text)) found.push(file.slice(system.dataDir.length + 1));
  }
  return found;
}

const isLog = (file: string): boolean => /^log(\.\d+)?$|^log-lines\//.test(file);

const Lines = z.looseObject({ lines: z.array(z.unknown()), cursor: z.string(), more: z.boolean() });

/** All that get_logs has. */
async function linesTold(): Promise<string> {
  const all: unknown[] = [];
  for (let cursor: string | undefined; ; ) {
    const { body } = await door('get_logs', { limit: 500, ...(cursor !== undefined && { cursor }) });
    const page = Lines.parse(body);
    all.push(...page.lines);
    if (!page.more) return JSON.stringify(all);
    cursor = page.cursor;
  }
}

describe('what is searched', () => {
  it('holds what was done: the log its lines, the tables and the history their payloads', async () => {
    const log = await readFile(join(system.dataDir, 'log'), 'utf8');
    expect(log).toMatch(/"message":"step attempt".*"code":"service.failed"/);
    expect(await linesTold()).toContain('"code":"service.failed"');
    const kept = await filesWith(payloads.restInput);
    expect(kept.some((file) => file.startsWith('dynamodb'))).toBe(true);
    expect(kept.some((file) => file.startsWith('step-functions'))).toBe(true);
  });
});

describe.each(Object.entries(credentials))('the credential %s', (_name, secret) => {
  it('is written nowhere: no log, no table, no history, nothing of a process', async () => {
    expect(await filesWith(secret)).toEqual([]);
  });

  it('is in no answer', async () => {
    expect(await linesTold()).not.toContain(secret);
    for (const operation of ['list_services', 'list_workflows', 'list_changes'])
      expect(JSON.stringify((await door(operation)).body)).not.toContain(secret);
  });
});

/** All that leaves for those who look from outside: spans, metrics, and events with their headers. */
async function toldOutside(): Promise<string> {
  const headers = { authorization: `Bearer ${credentials.metricsToken}` };
  const metrics = await (await fetch(`${system.endpoints.api}/metrics`, { headers })).text();
  const spans = collector.requests.map(({ text }) => text);
  const events = listener.requests.map(({ headers: sent, text }) => `${JSON.stringify(sent)} ${text}`);
  return [metrics, ...spans, ...events].join('\n');
}

describe('what is told to those outside', () => {
  it('are spans of calls that failed and worked, metrics, and events, in which secrets are looked for below', async () => {
    await expect.poll(toldOutside, { timeout: 10_000 }).toContain('"name":"step ask"');
    await expect.poll(toldOutside, { timeout: 10_000 }).toContain('execution.ended');
    const told = await toldOutside();
    expect(told).toContain('orchestrator_calls_total{service="vault",');
    expect(told).toContain('webhook-signature');
    expect(collector.requests[0]?.headers['authorization']).toBe(credentials.otlpHeader);
  });

  it.each(Object.entries({ ...credentials, ...payloads }))('does not have the %s', async (_name, text) => {
    expect(await toldOutside()).not.toContain(text);
  });
});

describe.each(['given', 'made'])('the secret of a subscription that was %s', (name) => {
  const secret = (): string => z.string().min(20).parse(subscriptionSecrets[name]);

  it('is in the table, and in no log, history or answer, and told to nobody', async () => {
    const files = await filesWith(secret());
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((file) => !file.startsWith('dynamodb'))).toEqual([]);
    expect(await linesTold()).not.toContain(secret());
    for (const operation of ['list_webhooks', 'list_services', 'get_system_status'])
      expect(JSON.stringify((await door(operation)).body)).not.toContain(secret());
    expect(await toldOutside()).not.toContain(secret());
  });
});

describe.each(Object.entries(payloads))('the payload %s', (_name, text) => {
  it('is in no log', async () => {
    expect((await filesWith(text)).filter(isLog)).toEqual([]);
    expect(await linesTold()).not.toContain(text);
  });
});

it('what an instance prints is shown without what is known for a secret', async () => {
  const shown: string[] = [];
  for (const { id } of await instancesThrough(door, 'printer')) {
    const { body } = await door('get_logs', { source: 'process', service: 'printer', instance: id });
    shown.push(JSON.stringify(body));
  }
  expect(shown.join()).toContain('API_KEY=[redacted]');
  expect(shown.join()).not.toContain(payloads.env);
});

it('payloads of a service that LOG_PAYLOADS names are logged, without what is known for a secret', async () => {
  const { body } = await door('get_logs', { service: 'loud' });
  const lines = z.array(z.looseObject({ message: z.string(), fields: z.unknown() })).parse(body['lines']);
  const payload = lines.filter(({ message }) => message === 'payload');
  expect(payload).toHaveLength(1);
  expect(payload[0]?.fields).toMatchObject({
    of: 'service call',
    payload: {
      method: 'POST',
      path: '/loud',
      body: { password: '[redacted]' },
      result: { value: 'heard', apiKey: '[redacted]' },
    },
  });
});

it('payloads of a workflow that LOG_PAYLOADS names are logged: its input, those of its calls, and its output', async () => {
  const request = { method: 'POST', path: '/loud', body: '{% $input %}' };
  await door('define_workflow', {
    name: 'shown',
    steps: [{ id: 'call', call: { service: 'vault', request } }],
  });
  const { workflowId } = await runToEnd(door, 'shown', { word: 'said', password: payloads.restInput });
  const { body } = await door('get_logs', { workflowId });
  const lines = z.array(z.looseObject({ message: z.string(), fields: z.unknown() })).parse(body['lines']);
  const input = { word: 'said', password: '[redacted]' };
  const result = { value: 'heard', apiKey: '[redacted]' };
  expect(lines.filter(({ message }) => message === 'payload').map(({ fields }) => fields)).toEqual([
    expect.objectContaining({ of: 'execution', payload: { input } }),
    expect.objectContaining({
      of: 'service call',
      payload: { method: 'POST', path: '/loud', body: input, result },
    }),
    expect.objectContaining({ of: 'execution', payload: { output: { call: result } } }),
  ]);
});
