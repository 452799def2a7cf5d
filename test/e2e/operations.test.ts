/** What the operations answer, through both doors, over services that a test scripts. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { awaitStatus, doors, rest, restDoor, runToEnd, workflowIdOf } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';

const Refused = z.looseObject({
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});

let system: TestSystem;
let echo: ScriptedService;

const request = (path: string) => ({
  service: 'echo',
  request: { method: 'POST', path, body: '{% $input %}' },
});

beforeAll(async () => {
  echo = await startScriptedService(({ path, body }, response) => {
    if (path === '/hang') return;
    if (path === '/teapot') return void response.writeHead(418).end();
    json(response, { path, body });
  });
  system = await startTestSystem();
  await restDoor(system.endpoints)('register_service', { name: 'echo', transport: 'rest', url: echo.url });
  for (const definition of [
    {
      name: 'echo-once',
      steps: [{ id: 'call', call: request('/echo') }],
      inputSchema: { type: 'object', properties: { n: { type: 'integer' } } },
    },
    {
      name: 'hangs',
      steps: [
        { id: 'call', call: request('/hang') },
        { id: 'after', call: request('/after') },
      ],
    },
    { name: 'fails', steps: [{ id: 'call', call: request('/teapot') }] },
    {
      name: 'waits',
      steps: [
        { id: 'pause', wait: { seconds: 60 } },
        { id: 'after', call: request('/after') },
      ],
    },
    {
      name: 'branches',
      steps: [
        {
          id: 'both',
          parallel: [[{ id: 'left', call: request('/l') }], [{ id: 'right', call: request('/r') }]],
        },
        {
          id: 'items',
          forEach: {
            items: '{% $input.items %}',
            as: 'item',
            steps: [
              {
                id: 'pick',
                choose: [{ when: '{% $item > 1 %}', steps: [{ id: 'big', call: request('/big') }] }],
                otherwise: [{ id: 'small', call: request('/small') }],
              },
            ],
          },
        },
        { id: 'pause', wait: { seconds: 0 } },
      ],
      output: '{% { "left": $both.left.path, "each": $count($items) } %}',
    },
  ]) {
    const defined = await rest(system.endpoints, ['PUT', `/v1/workflows/${definition.name}`], {
      body: definition,
    });
    expect(defined).toMatchObject({ status: 201, body: { version: 1, created: true } });
  }
}, 60_000);

afterAll(async () => {
  await system.close();
  await echo.close();
});

describe.each(doors)('operations over $door', ({ door: name, open }) => {
  const door: ReturnType<typeof open> = (operation, input) => open(system.endpoints)(operation, input);

  it('gives the same execution for the same key and request, and refuses another request', async () => {
    const start = (n: number) =>
      door('start_workflow', { workflow: 'echo-once', input: { n }, idempotencyKey: `key-${name}` });
    const [first, again] = [await start(1), await start(1)];
    expect(workflowIdOf(again)).toBe(workflowIdOf(first));
    expect((await start(2)).code).toBe('idempotency.conflict');
  });

  it('names the path of a fault in the input, and refuses stray fields beside workflow', async () => {
    const invalid = await door('start_workflow', { workflow: 'echo-once', input: { n: 'one' } });
    expect(invalid).toMatchObject({
      code: 'workflow.input-invalid',
      body: { errors: [{ path: 'input.n', message: 'must be integer' }] },
    });
    const stray = await door('start_workflow', { workflow: 'echo-once', email_id: 'abc' });
    expect(stray).toMatchObject({ code: 'request.invalid', body: { errors: [{ path: 'email_id' }] } });
    expect((await door('start_workflow', { workflow: 'nowhere' })).code).toBe('workflow.not-found');
    expect((await door('start_workflow', { email_id: 'abc123' })).body).toMatchObject({
      errors: [{ path: 'workflow' }],
    });
  });

  it('shows parallel branches, iterations and the branch that was not taken', async () => {
    const status = await runToEnd(door, 'branches', { items: [1, 2] });
    expect(status).toMatchObject({ status: 'SUCCEEDED', output: { left: '/l', each: 2 } });
    expect(status.steps.map(({ path, status: of }) => `${path} ${of}`)).toEqual([
      'both SUCCEEDED',
      'left SUCCEEDED',
      'right SUCCEEDED',
      'items SUCCEEDED',
      'items/0/pick SUCCEEDED',
      'items/0/big SKIPPED',
      'items/0/small SUCCEEDED',
      'items/1/pick SUCCEEDED',
      'items/1/big SUCCEEDED',
      'items/1/small SKIPPED',
      'pause SUCCEEDED',
    ]);
  });

  it('cancels a call under way within seconds: the service sees the hang-up, its effect is in doubt, later steps are skipped', async () => {
    const workflowId = workflowIdOf(await door('start_workflow', { workflow: 'hangs' }));
    await awaitStatus(door, workflowId, ({ steps }) => steps[0]?.attempts.length === 1);
    const hangsBefore = echo.aborted.length;
    const cancelled = await door('cancel_workflow', { workflowId });
    expect(cancelled.body['status']).toBe('CANCELLED');
    await expect.poll(() => echo.aborted.length, { timeout: 5000 }).toBeGreaterThan(hangsBefore);
    const status = await awaitStatus(
      door,
      workflowId,
      ({ steps }) => steps[0]?.attempts[0]?.error !== undefined,
    );
    expect(status.steps.map((step) => step.status)).toEqual(['IN_DOUBT', 'SKIPPED']);
    expect((await door('cancel_workflow', { workflowId })).body['status']).toBe('CANCELLED');
    expect((await door('terminate_workflow', { workflowId })).code).toBe('execution.closed');
  });

  it('terminates a wait at once, and says so again when asked again', async () => {
    const workflowId = workflowIdOf(await door('start_workflow', { workflow: 'waits' }));
    await awaitStatus(door, workflowId, ({ steps }) => steps[0]?.status === 'RUNNING');
    expect((await door('terminate_workflow', { workflowId })).body['status']).toBe('TERMINATED');
    expect((await door('terminate_workflow', { workflowId })).body['status']).toBe('TERMINATED');
    expect((await door('cancel_workflow', { workflowId })).code).toBe('execution.closed');
  });

  it('keeps the reason of a cancel and of a terminate, and shows it in the answer, the status and the list', async () => {
    const label = { reasons: name };
    for (const [operation, workflow, status] of [
      ['cancel_workflow', 'hangs', 'CANCELLED'],
      ['terminate_workflow', 'waits', 'TERMINATED'],
    ] as const) {
      const workflowId = workflowIdOf(await door('start_workflow', { workflow, labels: label }));
      await awaitStatus(door, workflowId, ({ steps }) => steps[0]?.status === 'RUNNING');
      const ended = await door(operation, { workflowId, reason: 'the customer has changed his mind' });
      expect(ended.body).toMatchObject({ status, reason: 'the customer has changed his mind' });
      const again = await door(operation, { workflowId, reason: 'another one' });
      expect(again.body).toMatchObject({ status, reason: 'the customer has changed his mind' });
      expect(await awaitStatus(door, workflowId)).toMatchObject({
        status,
        reason: 'the customer has changed his mind',
      });
    }
    const listed = await door('list_workflows', { label: `reasons=${name}` });
    expect(listed.body['workflows']).toMatchObject([
      { status: 'TERMINATED', reason: 'the customer has changed his mind' },
      { status: 'CANCELLED', reason: 'the customer has changed his mind' },
    ]);
  });

  it.each(['cancel_workflow', 'terminate_workflow'])(
    'takes no reason for %s that has control characters',
    async (operation) => {
      for (const reason of ['a\u001b[31mred', 'two\nlines', 'a\u0000b', 'a\u2028b'])
        expect((await door(operation, { workflowId: 'none', reason })).body).toMatchObject({
          code: 'request.invalid',
          errors: [{ path: 'reason', message: 'must be one line of text, without control characters' }],
        });
      const approved = await door('approve_step', { workflowId: 'a', step: 'b', comment: 'a\u001b[31mred' });
      expect(approved.code).toBe('request.invalid');
      expect((await door('approve_step', { workflowId: 'a', step: 'b', comment: 'two\nlines' })).code).toBe(
        'execution.not-found',
      );
    },
  );

  it.each([
    ['list_workflows', { limit: 0 }, 'limit: must be a whole number from 1 to 100, such as 20'],
    [
      'discover_service',
      { service: 'a', revision: 'r', wait: 99 },
      'wait: must be a whole number from 0 to 25, such as 20',
    ],
    [
      'register_instance',
      { service: 'a', id: 'b', url: 'http://127.0.0.1:1', leaseSeconds: 0.5 },
      'leaseSeconds: must be a whole number from 10 to 3600, such as 60',
    ],
    [
      'register_service',
      { name: 'a', transport: 'rest', url: 'http://127.0.0.1:1', limits: { requestsPerSecond: 0 } },
      'limits.requestsPerSecond: must be a number above 0, at most 100000, such as 10',
    ],
  ])('says what a number of %s may be', async (operation, input, said) => {
    const { errors = [] } = Refused.parse((await door(operation, input)).body);
    expect(errors.map(({ path, message }) => `${path}: ${message}`)).toEqual([said]);
  });

  it('says in the list why an execution has failed, finds it by the code, and takes dates', async () => {
    const label = { fails: name };
    const failed = await door('start_workflow', { workflow: 'fails', labels: label });
    await awaitStatus(door, workflowIdOf(failed));
    const today = new Date().toISOString().slice(0, 10);
    const [found, ...more] = z
      .array(z.record(z.string(), z.unknown()))
      .parse(
        (await door('list_workflows', { errorCode: 'service.rejected', label: `fails=${name}`, from: today }))
          .body['workflows'],
      );
    expect(more).toEqual([]);
    expect(found).toMatchObject({
      workflowId: workflowIdOf(failed),
      status: 'FAILED',
      labels: label,
      error: { code: 'service.rejected', step: 'call', message: expect.stringContaining('418') },
    });
    for (const query of [{ errorCode: 'service.timeout' }, { to: today }])
      expect((await door('list_workflows', { label: `fails=${name}`, ...query })).body['workflows']).toEqual(
        [],
      );
    expect(await door('list_workflows', { from: '27.11.2026' })).toMatchObject({
      code: 'request.invalid',
      body: {
        errors: [
          {
            path: 'from',
            message: 'must be a date or a time of ISO 8601, such as 2026-11-27 or 2026-11-27T14:30:00Z',
          },
        ],
      },
    });
  });

  it('lists newest first, by workflow, label and status, and pages through all', async () => {
    const labels = { door: name };
    const ids: string[] = [];
    for (let n = 0; n < 3; n++) {
      ids.unshift(
        workflowIdOf(await door('start_workflow', { workflow: 'echo-once', input: { n }, labels })),
      );
      await awaitStatus(door, ids[0] ?? '');
    }
    const idsOf = (body: Record<string, unknown>): unknown[] =>
      (Array.isArray(body['workflows']) ? body['workflows'] : []).map(
        (one: { workflowId: string }) => one.workflowId,
      );
    const all = await door('list_workflows', { label: `door=${name}`, status: 'SUCCEEDED' });
    expect(idsOf(all.body)).toEqual(ids);
    const first = await door('list_workflows', { workflow: 'echo-once', label: `door=${name}`, limit: 2 });
    const rest_ = await door('list_workflows', {
      workflow: 'echo-once',
      label: `door=${name}`,
      limit: 2,
      cursor: first.body['nextCursor'],
    });
    expect([...idsOf(first.body), ...idsOf(rest_.body)]).toEqual(ids);
    expect(await door('list_workflows', { cursor: 'nonsense' })).toMatchObject({
      code: 'request.invalid',
      body: { errors: [{ path: 'cursor' }] },
    });
  });

  it('makes a changed definition a new version, while running executions keep theirs', async () => {
    const definition = (path: string) => ({
      name: `grows-${name.toLowerCase()}`,
      steps: [
        { id: 'pause', wait: { seconds: 1 } },
        { id: 'call', call: request(path) },
      ],
    });
    expect((await door('define_workflow', definition('/one'))).body).toMatchObject({
      version: 1,
      created: true,
    });
    const running = workflowIdOf(await door('start_workflow', { workflow: definition('').name }));
    expect((await door('define_workflow', definition('/two'))).body).toMatchObject({
      version: 2,
      created: true,
    });
    expect((await door('define_workflow', definition('/two'))).body).toMatchObject({
      version: 2,
      created: false,
    });
    expect((await awaitStatus(door, running)).output).toMatchObject({ call: { path: '/one' } });
    expect(
      (await door('get_workflow_definition', { name: definition('').name, version: 1 })).body,
    ).toMatchObject({ version: 1, definition: definition('/one') });
    expect((await door('get_workflow_definition', { name: definition('').name, version: 9 })).code).toBe(
      'workflow.not-found',
    );
  });

  it('names every fault of a definition, unknown services among them', async () => {
    const bad = {
      name: 'bad',
      steps: [
        { id: 'a', call: { service: 'nobody', tool: 'x' } },
        { id: 'b', call: request('{% $later %}') },
      ],
    };
    const answer = await door('validate_workflow_definition', bad);
    expect(answer.body).toMatchObject({
      valid: false,
      errors: [{ path: 'steps[0].call.service' }, { path: 'steps[1].call.request.path' }],
    });
    expect((await door('define_workflow', bad)).code).toBe('workflow.invalid');
  });

  it('registers, changes, shows, lists and removes a service', async () => {
    const service = { name: `svc-${name.toLowerCase()}`, transport: 'mcp', url: 'http://127.0.0.1:9' };
    expect((await door('register_service', service)).body).toMatchObject({
      created: true,
      url: 'http://127.0.0.1:9/mcp',
      managedBy: 'api',
    });
    expect((await door('register_service', service)).body).toMatchObject({ created: false, changed: false });
    expect((await door('register_service', { ...service, tags: ['mail'] })).body).toMatchObject({
      created: false,
      changed: true,
      tags: ['mail'],
    });
    expect((await door('register_service', { ...service, version: '1.2.3' })).body).toMatchObject({
      created: true,
      version: '1.2.3',
    });
    expect((await door('get_service', { name: service.name })).body).toMatchObject({ version: '1.2.3' });
    expect(JSON.stringify((await door('list_services')).body)).toContain(service.name);
    expect((await door('deregister_service', { name: service.name })).body).toEqual({
      name: service.name,
      removed: ['0.0.0', '1.2.3'],
    });
    expect((await door('get_service', { name: service.name })).code).toBe('service.not-found');
    expect((await door('register_service', { ...service, url: 'ftp://x' })).body).toMatchObject({
      errors: [{ path: 'url' }],
    });
  });
});
