/** Traces through the whole system: what comes in by W3C Trace Context, what goes out, and the spans that are told. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { awaitStatus, restDoor } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from '../system/otlp-receiver.ts';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const callerSpan = 'b7ad6b7169203331';
const traceparent = `00-${traceId}-${callerSpan}-01`;
const secret = 'marked-secret-of-the-collector';

const Meta = z.object({ traceparent: z.string().optional(), tracestate: z.string().optional() });
const ToolCall = z.object({
  id: z.number(),
  method: z.literal('tools/call'),
  params: z.object({ name: z.string(), _meta: Meta }),
});

interface Called {
  readonly tool: string;
  readonly header: unknown;
  readonly state?: unknown;
  readonly meta?: z.infer<typeof Meta>;
}

let called: Called[] = [];
let hotel: ScriptedService;
let bank: ScriptedService;
const calledTool = (tool: string): Called => {
  const found = called.find((one) => one.tool === tool);
  if (!found) throw new Error(`${tool} was not called`);
  return found;
};

/** What whoever looks which tools there are is answered. */
const listed = (body: unknown) => ({
  jsonrpc: '2.0',
  id: z.looseObject({ id: z.number().optional() }).parse(body).id,
  result: { tools: ['reserve', 'release'].map((name) => ({ name, inputSchema: { type: 'object' } })) },
});

const steps = [
  {
    id: 'reserve',
    call: { service: 'hotel', tool: 'reserve', arguments: { guest: 'marked-payload' } },
    compensate: { service: 'hotel', tool: 'release', arguments: { guest: 'marked-payload' } },
  },
  { id: 'charge', call: { service: 'bank', request: { method: 'POST', path: '/charges', body: {} } } },
];

beforeAll(async () => {
  hotel = await startScriptedService(({ body }, response, { headers }) => {
    const message = ToolCall.safeParse(body);
    if (!message.success) return json(response, listed(body));
    const { id, params } = message.data;
    called.push({
      tool: params.name,
      header: headers['traceparent'],
      state: headers['tracestate'],
      meta: params._meta,
    });
    const result = { content: [], structuredContent: { ok: true } };
    return json(response, { jsonrpc: '2.0', id, result });
  });
  bank = await startScriptedService((_seen, response, { headers }) => {
    called.push({ tool: 'charge', header: headers['traceparent'], state: headers['tracestate'] });
    json(response, { error: 'marked-answer' }, 402);
  });
});

afterAll(() => Promise.all([hotel, bank].map((service) => service?.close())));
beforeEach(() => {
  called = [];
});

async function prepared(options: Parameters<typeof startTestSystem>[0]): Promise<TestSystem> {
  const system = await startTestSystem(options);
  const door = restDoor(system.endpoints);
  await door('register_service', { name: 'hotel', transport: 'mcp', url: hotel.url });
  await door('register_service', { name: 'bank', transport: 'rest', url: bank.url });
  await door('define_workflow', { name: 'book', steps });
  return system;
}

const Started = z.object({ workflowId: z.string() });

async function startOverHttp(
  system: TestSystem,
  headers: Record<string, string>,
  workflow = 'book',
): Promise<string> {
  const response = await fetch(`${system.endpoints.api}/v1/executions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ workflow }),
  });
  return Started.parse(await response.json()).workflowId;
}

async function startOverMcp(system: TestSystem, meta: Record<string, string>): Promise<string> {
  const response = await fetch(system.endpoints.mcp, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'start_workflow', arguments: { workflow: 'book' }, _meta: meta },
    }),
  });
  const Answer = z.object({ result: z.object({ structuredContent: Started }) });
  return Answer.parse(await response.json()).result.structuredContent.workflowId;
}

describe('without an endpoint for spans', () => {
  let system: TestSystem;
  beforeAll(async () => {
    system = await prepared({});
  }, 60_000);
  afterAll(() => system?.close());

  it('hands the trace of an HTTP request on to each call and undo', async () => {
    await awaitStatus(
      restDoor(system.endpoints),
      await startOverHttp(system, { traceparent, tracestate: 'vendor=1' }),
    );
    expect(called).toEqual([
      {
        tool: 'reserve',
        header: traceparent,
        state: 'vendor=1',
        meta: { traceparent, tracestate: 'vendor=1' },
      },
      { tool: 'charge', header: traceparent, state: 'vendor=1' },
      {
        tool: 'release',
        header: traceparent,
        state: 'vendor=1',
        meta: { traceparent, tracestate: 'vendor=1' },
      },
    ]);
  });

  it('hands the trace of an MCP message on, which goes before the one of its request', async () => {
    await awaitStatus(restDoor(system.endpoints), await startOverMcp(system, { traceparent }));
    expect(called.map(({ header }) => header)).toEqual([traceparent, traceparent, traceparent]);
  });

  it('begins a trace where a request names none that is valid', async () => {
    const invalid = `00-${'0'.repeat(32)}-${callerSpan}-01`;
    await awaitStatus(restDoor(system.endpoints), await startOverHttp(system, { traceparent: invalid }));
    const headers = called.map(({ header }) => header);
    expect(headers).toEqual(Array(3).fill(expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)));
    expect(new Set(headers).size).toBe(1);
    expect(headers[0]).not.toContain('0'.repeat(32));
  });

  it('hands the trace of call_service on', async () => {
    await fetch(`${system.endpoints.api}/tools/call_service`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', traceparent },
      body: JSON.stringify({ service: 'hotel', tool: 'reserve' }),
    });
    expect(called).toMatchObject([{ header: traceparent, meta: { traceparent } }]);
  });
});

describe('with an endpoint for spans', () => {
  let system: TestSystem;
  let collector: OtlpReceiver;
  beforeAll(async () => {
    collector = await startOtlpReceiver();
    system = await prepared({
      tracing: {
        endpoint: `${collector.url}/`,
        headers: `authorization=Bearer%20${secret}`,
        serviceName: 'orchestrator-test',
      },
    });
  }, 60_000);
  afterAll(async () => {
    await system?.close();
    await collector?.close();
  });

  const spansOf = (trace: string): ReceivedSpan[] => collector.spans.filter((span) => span.traceId === trace);
  const endOf = async (started: string): Promise<void> => {
    await awaitStatus(restDoor(system.endpoints), started);
  };

  it('tells one connected trace of the request, the workflow, its steps, their calls and the undo', async () => {
    await endOf(await startOverHttp(system, { traceparent }));
    await expect
      .poll(
        () =>
          spansOf(traceId)
            .map(({ name }) => name)
            .sort(),
        { timeout: 30_000 },
      )
      .toEqual([
        'POST /charges',
        'POST /v1/executions',
        'step charge',
        'step reserve',
        'tools/call release',
        'tools/call reserve',
        'undo reserve',
        'workflow book',
      ]);
    const spans = spansOf(traceId);
    const parentOf = (name: string): string | undefined => {
      const parent = spans.find((one) => one.name === name)?.parentSpanId;
      return spans.find(({ spanId }) => spanId === parent)?.name ?? parent;
    };
    expect(Object.fromEntries(spans.map(({ name }) => [name, parentOf(name)]))).toEqual({
      'POST /v1/executions': callerSpan,
      'workflow book': 'POST /v1/executions',
      'step reserve': 'workflow book',
      'tools/call reserve': 'step reserve',
      'step charge': 'workflow book',
      'POST /charges': 'step charge',
      'undo reserve': 'workflow book',
      'tools/call release': 'undo reserve',
    });
    const spanIdOf = (name: string) => spans.find((one) => one.name === name)?.spanId;
    for (const [tool, name] of [
      ['reserve', 'tools/call reserve'],
      ['charge', 'POST /charges'],
      ['release', 'tools/call release'],
    ] as const)
      expect(calledTool(tool).header).toBe(`00-${traceId}-${spanIdOf(name)}-01`);
    expect(calledTool('reserve').meta?.traceparent).toBe(calledTool('reserve').header);
  });

  it('has the steps that wait, for a decision and for another workflow, when they have ended', async () => {
    const door = restDoor(system.endpoints);
    const decide = { id: 'decide', approval: { message: 'may it be?' } };
    await door('define_workflow', { name: 'asking', steps: [decide] });
    const run = { id: 'run', workflow: { name: 'asking', input: {} } };
    await door('define_workflow', { name: 'around', steps: [run] });
    const ofWait = '2af7651916cd43dd8448eb211c80319c';
    const started = await startOverHttp(system, { traceparent: `00-${ofWait}-${callerSpan}-01` }, 'around');
    const waiting = z.object({ approvals: z.array(z.object({ workflowId: z.string(), step: z.string() })) });
    const asked = await vi.waitFor(
      async () => {
        const [first] = waiting.parse((await door('list_approvals', {})).body).approvals;
        if (!first) throw new Error('nobody asks');
        return first;
      },
      { timeout: 20_000, interval: 50 },
    );
    await door('approve_step', asked);
    await endOf(started);
    const told = () =>
      spansOf(ofWait)
        .filter(({ name }) => name.startsWith('step '))
        .map(
          ({ name, attributes, status }) =>
            `${name} ${attributes['orchestrator.step.waited_for']} ${status.code}`,
        )
        .sort();
    await expect.poll(told, { timeout: 20_000 }).toEqual(['step decide decision 0', 'step run workflow 0']);
    const parentOf = (name: string) => {
      const { parentSpanId } = spansOf(ofWait).find((one) => one.name === name) ?? {};
      return spansOf(ofWait).find(({ spanId }) => spanId === parentSpanId)?.name;
    };
    expect([parentOf('step decide'), parentOf('step run')]).toEqual(['workflow asking', 'workflow around']);
  });

  it('describes spans by the conventions for HTTP and MCP, and tells how they ended', () => {
    const spanNamed = (name: string) => spansOf(traceId).find((one) => one.name === name);
    expect(spanNamed('POST /v1/executions')).toMatchObject({
      kind: 2,
      status: { code: 0 },
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/v1/executions',
        'http.response.status_code': 202,
      },
    });
    expect(spanNamed('tools/call reserve')).toMatchObject({
      kind: 3,
      attributes: {
        'mcp.method.name': 'tools/call',
        'gen_ai.tool.name': 'reserve',
        'server.address': '127.0.0.1',
        'server.port': Number(new URL(hotel.url).port),
        'orchestrator.service.name': 'hotel',
      },
    });
    expect(spanNamed('POST /charges')).toMatchObject({
      kind: 3,
      status: { code: 2 },
      attributes: {
        'http.request.method': 'POST',
        'http.response.status_code': 402,
        'error.type': 'service.rejected',
      },
    });
    expect(spanNamed('workflow book')).toMatchObject({
      kind: 1,
      status: { code: 2 },
      attributes: { 'orchestrator.execution.status': 'FAILED', 'error.type': 'service.rejected' },
    });
  });

  it('tells tool calls over MCP below the message that asks for them', async () => {
    const other = '1'.repeat(32);
    await endOf(await startOverMcp(system, { traceparent: `00-${other}-${callerSpan}-01` }));
    const asked = () => spansOf(other).find(({ name }) => name === 'tools/call start_workflow');
    await expect.poll(asked, { timeout: 30_000 }).toMatchObject({ kind: 2, parentSpanId: callerSpan });
    const workflow = () => spansOf(other).find(({ name }) => name === 'workflow book');
    await expect.poll(() => workflow()?.parentSpanId, { timeout: 30_000 }).toBe(asked()?.spanId);
  });

  it('tells nothing of a trace that its caller does not sample, and hands it on as it came', async () => {
    const unsampled = `00-${'2'.repeat(32)}-${callerSpan}-00`;
    await endOf(await startOverHttp(system, { traceparent: unsampled }));
    expect(called.map(({ header }) => header)).toEqual([unsampled, unsampled, unsampled]);
    const later = '3'.repeat(32);
    await endOf(await startOverHttp(system, { traceparent: `00-${later}-${callerSpan}-01` }));
    await expect.poll(() => spansOf(later).length, { timeout: 30_000 }).toBe(8);
    expect(spansOf('2'.repeat(32))).toEqual([]);
  });

  it('sends the headers of the environment, and tells nothing of payloads, of secrets or of health checks', async () => {
    expect(collector.requests[0]).toMatchObject({
      path: '/v1/traces',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    });
    expect(collector.resources[0]).toMatchObject({
      'service.name': 'orchestrator-test',
      'deployment.environment.name': 'local',
    });
    const sent = collector.requests.map(({ text }) => text).join();
    expect(sent).not.toContain('marked');
    expect(sent).not.toContain('healthz');
    expect(await readFile(join(system.dataDir, 'log'), 'utf8')).not.toContain('marked-secret');
  });
});

it('goes on without those who take spans, says so in its log, and ends in time', async () => {
  const refusing = await startOtlpReceiver(400);
  const system = await prepared({
    tracing: { endpoint: refusing.url, headers: `authorization=${secret}` },
  });
  try {
    const started = await startOverHttp(system, { traceparent });
    expect(await awaitStatus(restDoor(system.endpoints), started)).toMatchObject({ status: 'FAILED' });
    const log = () => readFile(join(system.dataDir, 'log'), 'utf8');
    await expect.poll(log, { timeout: 30_000 }).toContain('spans not exported');
    expect(await log()).not.toContain(secret);
  } finally {
    await system.close();
    await refusing.close();
  }
}, 60_000);
