/** Risk: a service that says when it may be called again is called before that, when an attempt ends sooner. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { undoTurn } from '../../src/executions/undo-execution.ts';
import type { CallingContext } from '../../src/runtime/contexts/executions.ts';
import { awaitStatus, type Door, restDoor, runToEnd, workflowIdOf } from '../system/clients.ts';
import { contextOf } from '../system/execution-contexts.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';

let system: TestSystem;
let service: ScriptedService;
let door: Door;
let context: CallingContext;
/** When the service may be called again, in milliseconds since the epoch; 0 until it was called. */
let openAt = 0;
let calls: ('refused' | 'too early' | 'answered')[] = [];

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** What the header says of the time at which the service may be called again. */
const headers: Record<string, (at: Date) => string> = {
  '/seconds': () => '2',
  '/imf-fixdate': (at) => at.toUTCString(),
  '/rfc850': (at) => {
    const [, day = '', month = '', year = '', time = ''] = at.toUTCString().split(' ');
    return `${days[at.getUTCDay()]}, ${day}-${month}-${year.slice(2)} ${time} GMT`;
  },
  '/asctime': (at) => {
    const [weekday = '', day = '', month = '', year = '', time = ''] = at.toUTCString().split(' ');
    return `${weekday.slice(0, 3)} ${month} ${String(Number(day)).padStart(2, ' ')} ${time} ${year}`;
  },
  '/long': () => '59',
  '/hour': () => '3600',
  '/now': () => '0',
  '/past': () => 'Sun, 06 Nov 1994 08:49:37 GMT',
};

beforeAll(async () => {
  service = await startScriptedService(({ path }, response) => {
    if (path === '/undo') return response.writeHead(429, { 'retry-after': '120' }).end();
    const header = headers[path];
    if (header === undefined) return json(response, { done: path });
    if (path === '/now' || path === '/past') {
      calls.push('refused');
      return response.writeHead(429, { 'retry-after': header(new Date()) }).end();
    }
    if (openAt === 0) {
      // Dates have whole seconds.
      openAt = path === '/seconds' ? Date.now() + 2_000 : Math.ceil(Date.now() / 1_000 + 2) * 1_000;
      calls.push('refused');
      return response.writeHead(429, { 'retry-after': header(new Date(openAt)) }).end();
    }
    calls.push(Date.now() < openAt ? 'too early' : 'answered');
    json(response, { fine: true });
  });
  system = await startTestSystem();
  door = restDoor(system.endpoints);
  context = contextOf(system.endpoints);
  await door('register_service', { name: 'busy', transport: 'rest', url: service.url });
  await door('register_service', { name: 'undoer', transport: 'mcp', url: `${service.url}/undo` });
}, 60_000);

afterAll(async () => {
  context.close();
  await system.close();
  await service.close();
});

beforeEach(() => {
  openAt = 0;
  calls = [];
});

const asking = (path: string, rest: object = {}) => ({
  id: 'ask',
  call: { service: 'busy', request: { method: 'POST', path, body: {} } },
  timeoutSeconds: 1,
  retry: { maxAttempts: 2, intervalSeconds: 1 },
  ...rest,
});

async function define(name: string, steps: object[], rest: object = {}): Promise<void> {
  expect((await door('define_workflow', { name, steps, ...rest })).code).toBeUndefined();
}

describe('a Retry-After that is over', () => {
  it.each(['/now', '/past'])(
    'in the form of %s, again and again, is answered by longer and longer waits',
    async (path) => {
      const request = { method: 'POST', path };
      const answer = await door('call_service', { service: 'busy', request, timeoutSeconds: 2 });
      expect(answer.code).toBe('service.throttled');
      // After 100, 200, 400 and 800 ms.
      expect(calls.length).toBeGreaterThan(2);
      expect(calls.length).toBeLessThanOrEqual(5);
    },
  );
});

describe('a Retry-After that is longer than the attempt', () => {
  it.each(['/seconds', '/imf-fixdate', '/rfc850', '/asctime'])(
    'in the form of %s is waited for by the next attempt',
    async (path) => {
      const name = `waits-${path.slice(1)}`;
      await define(name, [asking(path)]);
      const status = await runToEnd(door, name);
      expect(status).toMatchObject({ status: 'SUCCEEDED', output: { ask: { fine: true } } });
      expect(calls).toEqual(['refused', 'answered']);
      expect(status.steps[0]?.attempts.map(({ error }) => error?.code)).toEqual([
        'service.throttled',
        undefined,
      ]);
    },
    30_000,
  );

  it('is shown while it is waited for, and a cancel ends the wait', async () => {
    await define('long', [asking('/long')]);
    const workflowId = workflowIdOf(await door('start_workflow', { workflow: 'long' }));
    const waiting = await awaitStatus(door, workflowId, ({ steps }) => steps[0]?.notBefore !== undefined);
    expect(waiting.steps[0]).toMatchObject({
      status: 'RUNNING',
      attempts: [{ error: { code: 'service.throttled' } }],
    });
    await door('cancel_workflow', { workflowId });
    const status = await awaitStatus(door, workflowId);
    expect(status.status).toBe('CANCELLED');
    expect(
      (await awaitStatus(door, workflowId, ({ steps }) => steps[0]?.status !== 'RUNNING')).steps[0],
    ).toMatchObject({ status: 'CANCELLED' });
    expect(calls).toEqual(['refused']);
  }, 30_000);

  it('goes on waiting when the execution is retried meanwhile', async () => {
    await define('again', [asking('/seconds')]);
    const workflowId = workflowIdOf(await door('start_workflow', { workflow: 'again' }));
    await awaitStatus(door, workflowId, ({ steps }) => steps[0]?.notBefore !== undefined);
    await door('cancel_workflow', { workflowId });
    await awaitStatus(door, workflowId);
    expect((await door('retry_workflow', { workflowId })).code).toBeUndefined();
    expect(await awaitStatus(door, workflowId)).toMatchObject({ status: 'SUCCEEDED' });
    expect(calls).toEqual(['refused', 'answered']);
  }, 30_000);

  it('beyond what a step can wait ends it at once, with the time', async () => {
    await define('hour', [asking('/hour')], { timeoutSeconds: 86_400 });
    const status = await runToEnd(door, 'hour');
    expect(status).toMatchObject({
      status: 'FAILED',
      error: { code: 'service.throttled', step: 'ask', service: 'busy' },
    });
    expect(status.error?.message).toMatch(
      /^POST \/hour of service busy answered 429; it asks to wait until 20\d\d-\d\d-\d\dT[\d:.]+Z, which is more than the 884 s that this step can wait$/,
    );
    expect(status.steps[0]).toMatchObject({
      status: 'FAILED',
      attempts: [{ error: { code: 'service.throttled' } }],
    });
    expect(calls).toEqual(['refused']);
  });

  it('beyond the deadline of the workflow ends it at once, with the time', async () => {
    await define('deadline', [asking('/long')], { timeoutSeconds: 40 });
    const status = await runToEnd(door, 'deadline');
    expect(status).toMatchObject({ status: 'FAILED', error: { code: 'service.throttled', step: 'ask' } });
    expect(status.error?.message).toMatch(
      /it asks to wait until 20\S+Z, and the workflow may run until 20\S+Z$/,
    );
    expect(calls).toEqual(['refused']);
  });

  it('beyond what a step can wait lets a workflow go on that outlives the failure', async () => {
    await define('goes-on', [asking('/hour', { onFailure: 'continue' })]);
    expect(await runToEnd(door, 'goes-on')).toMatchObject({ status: 'SUCCEEDED', output: {} });
    expect(calls).toEqual(['refused']);
  });
});

it('waits for the service of an undo as long as it asks', async () => {
  const made = asking('/made', { compensate: { service: 'undoer', tool: 'undo', arguments: {} } });
  await define('undone', [made, { id: 'pause', wait: { seconds: 60 } }]);
  const executionId = workflowIdOf(await door('start_workflow', { workflow: 'undone' }));
  await awaitStatus(door, executionId, ({ steps }) => steps[1]?.status === 'RUNNING');
  const closingAt = new Date().toISOString();
  await context.executions.beginClosing(executionId, {
    status: 'CANCELLING',
    ending: 'CANCELLED',
    closingAt,
  });
  const turn = await undoTurn(context, { executionId, owner: 'test' });
  expect(turn).toEqual({ next: 'wait', waitSeconds: 120 });
  await door('terminate_workflow', { workflowId: executionId });
});
