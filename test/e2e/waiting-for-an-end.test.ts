/** Starting and waiting: who asks once is answered when an execution has ended, or waits for a decision. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type Door, doors, rest, restDoor, workflowIdOf } from '../system/clients.ts';
import { askWorker, type HoldingService, holds, startHoldingService } from '../system/holding-service.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';

let system: TestSystem;
let service: HoldingService;

const definitions = [
  {
    name: 'echoes',
    steps: [askWorker('/echo')],
    output: '{% { "got": $call.n } %}',
    inputSchema: { type: 'object', properties: { n: { type: 'integer' } } },
  },
  { name: 'fails', steps: [askWorker('/teapot')] },
  holds,
  {
    name: 'asks',
    steps: [{ id: 'ok', approval: { message: "{% 'Send ' & $input.what & '?' %}" } }],
    output: '{% $ok.approved %}',
  },
  { name: 'asks-inside', steps: [{ id: 'inner', workflow: { name: 'asks', input: { what: 'it' } } }] },
];

beforeAll(async () => {
  service = await startHoldingService();
  system = await startTestSystem();
  const door = restDoor(system.endpoints);
  await door('register_service', { name: 'worker', transport: 'rest', url: service.url });
  for (const definition of definitions)
    expect(await door('define_workflow', definition)).toMatchObject({ code: undefined });
}, 60_000);

afterAll(async () => {
  await system.close();
  await service.close();
});

const Next = z.object({ tool: z.string(), arguments: z.record(z.string(), z.unknown()) });

describe.each(doors)('over $door', ({ door: name, open }) => {
  const door: Door = (operation, input) => open(system.endpoints)(operation, input);
  const own = (key: string): string => `${key}-${name.toLowerCase()}`;
  const holding = (key: string) => ({ workflow: 'holds', input: { key: own(key) } });

  it('a call gives the output', async () => {
    const answer = await door('call_workflow', { workflow: 'echoes', input: { n: 7 } });
    expect(answer).toMatchObject({
      code: undefined,
      body: {
        workflowId: expect.stringMatching(/^[0-9a-f]{32}$/),
        workflow: 'echoes',
        status: 'SUCCEEDED',
        output: { got: 7 },
      },
    });
    expect(answer.body).not.toHaveProperty('next');
  });

  it('a call whose workflow fails is an error that says which execution, where and why', async () => {
    const { code, body } = await door('call_workflow', { workflow: 'fails' });
    expect(code).toBe('workflow.failed');
    expect(body).toMatchObject({
      title: 'The workflow did not succeed',
      status: 502,
      detail: expect.stringMatching(
        /^fails \(workflowId [0-9a-f]{32}\) ended as FAILED at step call: service\.rejected: .*418/,
      ),
      execution: { status: 'FAILED', error: { code: 'service.rejected', step: 'call', service: 'worker' } },
    });
    const { workflowId } = z.object({ workflowId: z.string() }).parse(body);
    expect((await door('get_workflow_status', { workflowId })).body['status']).toBe('FAILED');
  });

  it('a call that takes longer says how to go on, and going on so gives the output', async () => {
    const { code, body } = await door('call_workflow', { ...holding('long'), wait: 1 });
    expect(code).toBeUndefined();
    expect(body).toMatchObject({
      status: 'RUNNING',
      next: {
        message: 'It is RUNNING and goes on by itself: ask with this call as often as needed',
        tool: 'get_workflow_status',
        arguments: { workflowId: body['workflowId'], wait: 25 },
      },
    });
    const { next } = z.object({ next: Next }).parse(body);
    const asked = door(next.tool, { ...next.arguments, wait: 9 });
    await service.letGo(own('long'));
    expect((await asked).body).toMatchObject({
      status: 'SUCCEEDED',
      output: { call: { done: own('long') } },
      steps: [{ id: 'call', status: 'SUCCEEDED' }],
    });
  });

  it('a call that waits for a decision names it, and the decision goes on from there', async () => {
    const { code, body } = await door('call_workflow', { workflow: 'asks', input: { what: 'it' } });
    expect(code).toBeUndefined();
    expect(body).toMatchObject({
      status: 'RUNNING',
      waitingFor: [{ step: 'ok', kind: 'approval', message: 'Send it?' }],
      next: {
        message:
          'It waits for the decision on ok, which approve_step or reject_step makes; then ask with this call',
      },
    });
    const workflowId = workflowIdOf({ code, body });
    // As long as nobody has decided, waiting is of no use.
    expect((await door('get_workflow_status', { workflowId, wait: 9 })).body).toMatchObject({
      status: 'RUNNING',
      waitingFor: [{ step: 'ok' }],
    });
    await door('approve_step', { workflowId, step: 'ok' });
    expect((await door('get_workflow_status', { workflowId, wait: 9 })).body).toMatchObject({
      status: 'SUCCEEDED',
      output: true,
    });
  });

  it('what is cancelled while it is waited for answers so, with the reason', async () => {
    const called = door('call_workflow', { ...holding('cancelled'), wait: 9, labels: { door: name } });
    await service.isHeld(own('cancelled'));
    const listed = await door('list_workflows', { label: `door=${name}` });
    const [one] = z.array(z.object({ workflowId: z.string() })).parse(listed.body['workflows']);
    const status = door('get_workflow_status', { workflowId: one?.workflowId, wait: 9 });
    await door('cancel_workflow', { workflowId: one?.workflowId, reason: 'ordered twice' });
    expect(await called).toMatchObject({
      code: 'workflow.failed',
      body: {
        workflowId: one?.workflowId,
        detail: expect.stringContaining('ended as CANCELLED'),
        execution: { status: 'CANCELLED', reason: 'ordered twice' },
      },
    });
    expect((await status).body).toMatchObject({ status: 'CANCELLED', reason: 'ordered twice' });
  });

  it('a start that waits has the output, the error, or how far it is', async () => {
    const started = await door('start_workflow', { workflow: 'echoes', input: { n: 1 }, wait: 9 });
    expect(started.body).toMatchObject({ status: 'SUCCEEDED', output: { got: 1 } });
    expect((await door('start_workflow', { workflow: 'fails', wait: 9 })).body).toMatchObject({
      status: 'FAILED',
      error: { code: 'service.rejected', step: 'call' },
    });
    const asks = await door('start_workflow', { workflow: 'asks', input: { what: 'that' }, wait: 9 });
    expect(asks.body).toMatchObject({
      status: 'RUNNING',
      waitingFor: [{ step: 'ok', message: 'Send that?' }],
    });
    const longer = await door('start_workflow', { ...holding('start'), wait: 1 });
    expect(longer.body).toMatchObject({ status: 'RUNNING' });
    expect(longer.body).not.toHaveProperty('output');
    await service.letGo(own('start'));
  });

  it('the same key gives the same execution, however long the repeated request waits', async () => {
    const start = { ...holding('keyed'), idempotencyKey: own('wait') };
    const first = await door('start_workflow', start);
    const waiting = await door('call_workflow', { ...start, wait: 1 });
    expect(waiting).toMatchObject({
      code: undefined,
      body: { workflowId: first.body['workflowId'], status: 'RUNNING' },
    });
    await service.letGo(own('keyed'));
    for (const [operation, wait] of [
      ['call_workflow', 9],
      ['start_workflow', 8],
    ] as const)
      expect((await door(operation, { ...start, wait })).body).toMatchObject({
        workflowId: first.body['workflowId'],
        status: 'SUCCEEDED',
        output: { call: { done: own('keyed') } },
      });
    const other = { ...start, input: { key: own('other') } };
    expect((await door('call_workflow', other)).code).toBe('idempotency.conflict');
  });

  it('what is not there is not waited for, and faults of a start are those of start_workflow', async () => {
    const before = Date.now();
    const unknown = await door('get_workflow_status', { workflowId: 'unknown', wait: 25 });
    expect(unknown.code).toBe('execution.not-found');
    expect((await door('call_workflow', { workflow: 'nowhere' })).code).toBe('workflow.not-found');
    expect(await door('call_workflow', { workflow: 'echoes', input: { n: 'one' } })).toMatchObject({
      code: 'workflow.input-invalid',
      body: { errors: [{ path: 'input.n', message: 'must be integer' }] },
    });
    expect(await door('call_workflow', { workflow: 'echoes', n: 1 })).toMatchObject({
      code: 'request.invalid',
      body: { errors: [{ path: 'n', message: 'is not a known field; put it into input' }] },
    });
    expect(Date.now() - before).toBeLessThan(5_000);
  });

  it('a call is never taken for a dry run, whose field would be input', async () => {
    for (const input of [{ workflow: 'echoes', dryRun: true }, { dryRun: true }])
      expect(await door('call_workflow', input)).toMatchObject({
        code: 'request.invalid',
        body: { errors: [{ path: 'dryRun', message: 'is for start_workflow' }] },
      });
  });

  it('a call whose nested workflow waits for a decision says which one to ask', async () => {
    const { body } = await door('call_workflow', { workflow: 'asks-inside', wait: 2 });
    const { waitingFor, next } = z
      .object({
        waitingFor: z.tuple([z.object({ kind: z.literal('workflow'), workflowId: z.string() })]),
        next: z.object({ message: z.string() }),
      })
      .parse(body);
    const [{ workflowId }] = waitingFor;
    expect(next.message).toBe(
      `It waits for ${workflowId}, whose status may ask for a decision: ask for that, or with this call as often as needed`,
    );
    const inner = await door('get_workflow_status', { workflowId, wait: 9 });
    expect(inner.body).toMatchObject({ waitingFor: [{ kind: 'approval', step: 'ok' }] });
    await door('approve_step', { workflowId, step: 'ok' });
    const outer = await door('get_workflow_status', { workflowId: body['workflowId'], wait: 9 });
    expect(outer.body).toMatchObject({ status: 'SUCCEEDED', output: { inner: true } });
  });

  it.each(['start_workflow', 'call_workflow', 'get_workflow_status'])(
    '%s waits for whole seconds, 25 at most',
    async (operation) => {
      for (const wait of [26, -1, 0.5, 'long'])
        expect(await door(operation, { workflowId: 'unknown', workflow: 'echoes', wait })).toMatchObject({
          code: 'request.invalid',
          body: {
            errors: expect.arrayContaining([
              { path: 'wait', message: 'must be a whole number from 0 to 25, such as 20' },
            ]),
          },
        });
    },
  );
});

describe('by its routes', () => {
  const call = (method: string, path: string, body?: object) =>
    rest(system.endpoints, [method, path], body && { body });

  it('a call answers 200 with the output, 202 where it goes on, 502 where it failed', async () => {
    const path = '/v1/workflow-calls';
    expect((await call('POST', path, { workflow: 'echoes', input: { n: 2 } })).status).toBe(200);
    const asks = await call('POST', path, { workflow: 'asks', input: { what: 'it' } });
    expect(asks).toMatchObject({ status: 202, body: { waitingFor: [{ step: 'ok' }] } });
    const holds = { workflow: 'holds', input: { key: 'route' }, wait: 0 };
    expect(await call('POST', path, holds)).toMatchObject({ status: 202, body: { status: 'RUNNING' } });
    await service.letGo('route');
    const failed = await call('POST', path, { workflow: 'fails' });
    expect(failed).toMatchObject({ status: 502, body: { type: 'urn:orchestrator:error:workflow.failed' } });
    expect(failed.headers.get('content-type')).toBe('application/problem+json');
  });

  it('takes the header Idempotency-Key for a call', async () => {
    const headers = { 'idempotency-key': 'of-a-call' };
    const once = () =>
      rest(system.endpoints, ['POST', '/v1/workflow-calls'], {
        body: { workflow: 'echoes', input: { n: 3 } },
        headers,
      });
    expect((await once()).body['workflowId']).toBe((await once()).body['workflowId']);
  });

  it('a start answers 202 however far it is, and a status is waited for in the query', async () => {
    const started = await call('POST', '/v1/executions', { workflow: 'echoes', input: { n: 4 }, wait: 9 });
    expect(started).toMatchObject({ status: 202, body: { status: 'SUCCEEDED' } });
    const { workflowId } = (
      await call('POST', '/v1/executions', {
        workflow: 'holds',
        input: { key: 'query' },
      })
    ).body;
    const waiting = [`/v1/executions/${workflowId}`, `/resources/get_workflow_status/${workflowId}`].map(
      (path) => call('GET', `${path}?wait=9`),
    );
    await service.letGo('query');
    for (const { body } of await Promise.all(waiting)) expect(body['status']).toBe('SUCCEEDED');
  });
});
