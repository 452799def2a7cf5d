/** `GET /metrics` of local mode: what it counts and reads, who may read it, and what Grafana asks of it. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { restDoor, runToEnd } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';

let system: TestSystem;
let parcels: ScriptedService;

const scrape = (headers: Record<string, string> = {}, of = system): Promise<Response> =>
  fetch(`${of.endpoints.api}/metrics`, { headers });
const linesOf = async (of = system): Promise<string[]> => (await (await scrape({}, of)).text()).split('\n');

beforeAll(async () => {
  parcels = await startScriptedService(({ path }, response) =>
    path === '/broken' ? json(response, { error: 'no' }, 500) : json(response, { path }),
  );
  system = await startTestSystem();
  const door = restDoor(system.endpoints);
  await door('register_service', { name: 'parcels', transport: 'rest', url: parcels.url });
  const call = (path: string) => ({ service: 'parcels', request: { method: 'GET', path } });
  await door('define_workflow', { name: 'deliver', steps: [{ id: 'look', call: call('/17') }] });
  await door('define_workflow', {
    name: 'break',
    steps: [{ id: 'broken', call: call('/broken'), retry: { maxAttempts: 2, intervalSeconds: 1 } }],
  });
  for (const item of [1, 2, 3]) await runToEnd(door, 'deliver', { item });
  await runToEnd(door, 'break', {});
  await door('create_webhook', { url: `${parcels.url}/told` });
}, 60_000);

afterAll(async () => {
  await system?.close();
  await parcels?.close();
});

describe('GET /metrics', () => {
  it('counts executions, attempts, calls, their errors and their repeats', async () => {
    const response = await scrape();
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const lines = (await response.text()).split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        'orchestrator_executions_started_total{workflow="deliver"} 3',
        'orchestrator_executions_started_total{workflow="break"} 1',
        'orchestrator_executions_ended_total{workflow="deliver",status="SUCCEEDED"} 3',
        'orchestrator_executions_ended_total{workflow="break",status="FAILED"} 1',
        'orchestrator_execution_duration_seconds_count{workflow="deliver"} 3',
        'orchestrator_step_attempts_total{workflow="deliver",result="ok"} 3',
        'orchestrator_step_attempts_total{workflow="break",result="transient"} 2',
        'orchestrator_step_retries_total{workflow="break"} 1',
        'orchestrator_calls_total{service="parcels",result="ok"} 3',
        'orchestrator_calls_total{service="parcels",result="transient"} 2',
        'orchestrator_call_duration_seconds_count{service="parcels"} 5',
        'orchestrator_call_duration_seconds_bucket{le="+Inf",service="parcels"} 5',
        'orchestrator_calls_in_flight{service="parcels"} 0',
      ]),
    );
  });

  it('says how instances are, what waits to be delivered and when what runs by a schedule ran', async () => {
    await expect
      .poll(linesOf, { timeout: 30_000 })
      .toContain('orchestrator_instances{service="parcels",health="HEALTHY",state="external"} 1');
    const lines = await linesOf();
    expect(lines).toContain('orchestrator_events{state="given_up"} 0');
    await expect
      .poll(async () => (await linesOf()).join('\n'), { timeout: 30_000 })
      .toMatch(/^orchestrator_sweep_last_run_timestamp_seconds\{sweep="lifecycle"\} 1[\d.]+$/m);
    expect(lines.some((line) => /^process_resident_memory_bytes \d+$/.test(line))).toBe(true);
  });

  it('is in the format of OpenMetrics for who asks for it, and others get theirs at the same time and afterwards', async () => {
    const ofPrometheus =
      'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2';
    const [open, plain] = await Promise.all([scrape({ accept: ofPrometheus }), scrape()]);
    expect(open.headers.get('content-type')).toBe(
      'application/openmetrics-text; version=1.0.0; charset=utf-8',
    );
    const lines = (await open.text()).split('\n');
    expect(lines.slice(-2)).toEqual(['# EOF', '']);
    expect(lines).toContain('# TYPE orchestrator_executions_started counter');
    expect(lines).toContain('orchestrator_executions_started_total{workflow="deliver"} 3');
    for (const response of [plain, await scrape()]) {
      expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
      const text = await response.text();
      expect(text).toContain('# TYPE orchestrator_executions_started_total counter');
      expect(text).not.toContain('# EOF');
    }
  });

  it('gives those who ask at the same time the same', async () => {
    const texts = await Promise.all([1, 2, 3].map(async () => (await scrape()).status));
    expect(texts).toEqual([200, 200, 200]);
  });

  it('answers nothing but GET and HEAD, and no page that came by another name', async () => {
    const posted = await fetch(`${system.endpoints.api}/metrics`, { method: 'POST' });
    expect({ status: posted.status, allow: posted.headers.get('allow') }).toEqual({
      status: 405,
      allow: 'GET, HEAD',
    });
    const head = await fetch(`${system.endpoints.api}/metrics`, { method: 'HEAD' });
    expect({ status: head.status, body: await head.text() }).toEqual({ status: 200, body: '' });
    const foreign = await scrape({ 'sec-fetch-site': 'cross-site' });
    expect(foreign.status).toBe(403);
  });
});

const DashboardExpressions = z
  .object({ panels: z.array(z.object({ targets: z.array(z.object({ expr: z.string() })) })) })
  .transform(({ panels }) => panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)));
const AlertExpressions = z
  .object({ groups: z.array(z.object({ rules: z.array(z.object({ expr: z.string() })) })) })
  .transform(({ groups }) => groups.flatMap(({ rules }) => rules.map(({ expr }) => expr)));

it('has every metric that the dashboard and the alert rules of docs/grafana use', async () => {
  const text = await (await scrape()).text();
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  const known = types.flatMap(([, name = '', type]) =>
    type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  );
  const dashboard = DashboardExpressions.parse(
    JSON.parse(await readFile('docs/grafana/dashboard.json', 'utf8')),
  );
  const alerts = AlertExpressions.parse(parse(await readFile('docs/grafana/alerts.yaml', 'utf8')));
  const used = [...dashboard, ...alerts].flatMap(
    (expr) => expr.match(/\b(?:orchestrator|process|nodejs)_\w+/g) ?? [],
  );
  expect(used.length).toBeGreaterThan(25);
  expect(used.filter((name) => !known.includes(name))).toEqual([]);
});

describe('with a key', () => {
  const adminKey = 'k'.repeat(40);
  const metricsToken = 'm'.repeat(40);
  let keyed: TestSystem;
  beforeAll(async () => {
    keyed = await startTestSystem({ adminKey, metricsToken });
  }, 60_000);
  afterAll(() => keyed?.close());

  const statusWith = async (path: string, bearer?: string): Promise<number> => {
    const headers = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` };
    return (await fetch(`${keyed.endpoints.api}${path}`, { headers })).status;
  };

  it('metrics are for those who have it, or the token for metrics', async () => {
    expect(await statusWith('/metrics')).toBe(401);
    expect(await statusWith('/metrics', 'x'.repeat(40))).toBe(401);
    expect(await statusWith('/metrics', metricsToken)).toBe(200);
    expect(await statusWith('/metrics', adminKey)).toBe(200);
  });

  it('the token for metrics opens nothing else', async () => {
    expect(await statusWith('/v1/services', metricsToken)).toBe(401);
    expect(await statusWith('/mcp', metricsToken)).toBe(401);
  });
});

it('where nothing is counted it still says how everything is', async () => {
  const uncounted = await startTestSystem({ usage: 'off' });
  try {
    const lines = await linesOf(uncounted);
    expect(lines).toContain('orchestrator_events{state="waiting"} 0');
    expect(lines.filter((line) => line.includes('orchestrator_calls_total'))).toEqual([]);
  } finally {
    await uncounted.close();
  }
});
