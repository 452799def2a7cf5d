/** Usage and performance through both doors: calls of services and workflows, as they are counted. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { awaitStatus, doors, rest, restDoor, runToEnd, workflowIdOf } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { startScriptedMcp } from '../system/scripted-mcp.ts';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';

let system: TestSystem;
let parcels: ScriptedService;
let mail: ScriptedService;
let refusals = 0;

const Figures = z.looseObject({ calls: z.number(), tool: z.string().optional() });
const ServiceMetrics = z.looseObject({
  total: Figures,
  tools: z.array(Figures),
  series: z.array(Figures.extend({ at: z.string() })),
});

const call = (method: string, path: string) => ({ service: 'parcels', request: { method, path } });

beforeAll(async () => {
  parcels = await startScriptedService(({ path }, response) => {
    if (path === '/broken') return json(response, { error: 'no' }, 500);
    if (path === '/busy' && refusals++ === 0) {
      response.writeHead(429, { 'retry-after': '0' }).end();
      return undefined;
    }
    return json(response, { path });
  });
  mail = await startScriptedMcp(['get_email', 'send_email'], ({ tool }) => {
    if (tool === 'send_email') throw new Error('no recipient');
    return { tool };
  });
  system = await startTestSystem();
  const door = restDoor(system.endpoints);
  await door('register_service', { name: 'parcels', transport: 'rest', url: parcels.url });
  await door('register_service', { name: 'mail', transport: 'mcp', url: mail.url });
  await door('register_service', { name: 'never-called', transport: 'rest', url: parcels.url });
  const define = (name: string, steps: object[]) => door('define_workflow', { name, steps });
  await define('deliver', [
    { id: 'look', call: call('GET', '/parcels/17') },
    { id: 'ask', call: call('GET', '/busy'), retry: { maxAttempts: 2 } },
  ]);
  await define('break', [
    { id: 'broken', call: call('GET', '/broken'), retry: { maxAttempts: 2, intervalSeconds: 1 } },
  ]);
  await define('hold', [{ id: 'pause', wait: { seconds: 3_600 } }]);
  for (const item of [1, 2, 3]) await runToEnd(door, 'deliver', { item });
  await runToEnd(door, 'break', {});
  const held = workflowIdOf(await door('start_workflow', { workflow: 'hold' }));
  await door('cancel_workflow', { workflowId: held });
  await awaitStatus(door, held);
  const toolCall = { service: 'mail', arguments: {} };
  await door('call_service', { ...toolCall, tool: 'get_email' });
  await door('call_service', { ...toolCall, tool: 'send_email' });
}, 60_000);

afterAll(async () => {
  await system?.close();
  await Promise.all([parcels, mail].map((service) => service?.close()));
});

describe.each(doors)('metrics over $door', ({ open }) => {
  const door: ReturnType<typeof open> = (operation, input) => open(system.endpoints)(operation, input);

  it('of a service count calls by method and path, with their errors, repeats and times', async () => {
    const { body } = await door('get_service_metrics', { name: 'parcels', windowMinutes: 20 });
    const { total, tools, series } = ServiceMetrics.parse(body);
    expect(body).toMatchObject({ service: 'parcels', complete: true, resolutionMinutes: 1 });
    // Three deliveries of two calls, one of which was refused once; two attempts that failed.
    expect(total).toMatchObject({
      calls: 9,
      errors: 3,
      errorRate: 0.3333,
      transientErrors: 3,
      errorsByCode: { 'service.failed': 2, 'service.throttled': 1 },
      retries: 2,
      cancelled: 0,
      p50Ms: expect.any(Number),
      p95Ms: expect.any(Number),
      p99Ms: expect.any(Number),
    });
    expect(tools.map(({ tool, calls }) => [tool, calls])).toEqual([
      ['GET /busy', 4],
      ['GET /parcels/*', 3],
      ['GET /broken', 2],
    ]);
    expect(series).toHaveLength(20);
    expect(series.reduce((sum, { calls }) => sum + calls, 0)).toBe(9);
  });

  it('are told over a month too, by the day', async () => {
    const month = { name: 'parcels', windowMinutes: 44_640 };
    for (let n = 0; n < 2; n += 1) {
      const { body } = await door('get_service_metrics', month);
      const { total, series } = ServiceMetrics.parse(body);
      expect(body).toMatchObject({ complete: true, resolutionMinutes: 1440 });
      expect([total, series.at(-1)]).toMatchObject([{ calls: 9 }, { calls: 9 }]);
    }
  });

  it('of an mcp service count its tools, those that answer with an error too', async () => {
    const { body } = await door('get_service_metrics', { name: 'mail', windowMinutes: 5 });
    const { tools, series } = ServiceMetrics.parse(body);
    expect(tools).toMatchObject([
      { tool: 'get_email', calls: 1, errors: 0 },
      {
        tool: 'send_email',
        calls: 1,
        errors: 1,
        transientErrors: 0,
        errorsByCode: { 'service.tool-failed': 1 },
      },
    ]);
    expect(series).toHaveLength(5);
  });

  it('of a workflow count executions by how they ended, and the attempts of each step', async () => {
    const delivered = await door('get_workflow_metrics', { name: 'deliver' });
    expect(delivered.body).toMatchObject({
      workflow: 'deliver',
      total: { started: 3, ended: 3, succeeded: 3, failed: 0, p95Ms: expect.any(Number) },
      steps: [
        { step: 'look', attempts: 3, errors: 0, retries: 0, p50Ms: expect.any(Number) },
        { step: 'ask', attempts: 3, errors: 0 },
      ],
    });
    const broken = await door('get_workflow_metrics', { name: 'break' });
    expect(broken.body).toMatchObject({
      total: { started: 1, ended: 1, succeeded: 0, failed: 1 },
      steps: [{ step: 'broken', attempts: 2, errors: 2, errorsByCode: { 'service.failed': 2 }, retries: 1 }],
    });
    const held = await door('get_workflow_metrics', { name: 'hold' });
    expect(held.body).toMatchObject({
      total: { started: 1, ended: 1, succeeded: 0, cancelled: 1 },
      steps: [],
    });
  });

  it('of what was never called are zeros, and of what there is not an error', async () => {
    const { body } = await door('get_service_metrics', { name: 'never-called' });
    expect(body).toMatchObject({
      total: { calls: 0, errorRate: 0, callsPerMinute: 0 },
      inFlight: 0,
      tools: [],
    });
    expect((await door('get_service_metrics', { name: 'nobody' })).code).toBe('service.not-found');
    expect((await door('get_workflow_metrics', { name: 'nothing' })).code).toBe('workflow.not-found');
  });

  it('refuse a window that is none, with the path of the fault', async () => {
    const asked = [
      { windowMinutes: 0 },
      { windowMinutes: 44_641 },
      { to: '2026-11-28' },
      { resolutionMinutes: 0 },
    ];
    for (const window of asked) {
      const { code, body } = await door('get_service_metrics', { name: 'parcels', ...window });
      expect(code).toBe('request.invalid');
      const [path = ''] = 'to' in window ? ['from'] : Object.keys(window);
      expect(JSON.stringify(body)).toContain(`"path":"${path}"`);
    }
  });
});

it('metrics are read at the paths of services and workflows', async () => {
  const service = await rest(system.endpoints, ['GET', '/v1/services/parcels/metrics?windowMinutes=10']);
  expect(service).toMatchObject({ status: 200, body: { total: { calls: 9 } } });
  const workflow = await rest(system.endpoints, ['GET', '/v1/workflows/deliver/metrics?resolutionMinutes=5']);
  expect(workflow).toMatchObject({ status: 200, body: { total: { succeeded: 3 }, resolutionMinutes: 5 } });
});

it('metrics of a service that was deregistered are still there', async () => {
  const door = restDoor(system.endpoints);
  await door('deregister_service', { name: 'mail' });
  expect((await door('get_service_metrics', { name: 'mail' })).body).toMatchObject({ total: { calls: 2 } });
});
