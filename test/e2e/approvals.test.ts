/** Steps that wait for a decision: asked, shown, decided, and what happens when nobody decides. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { awaitStatus, type Door, doors, rest, restDoor, runToEnd, workflowIdOf } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { startScriptedMcp } from '../system/scripted-mcp.ts';
import type { ScriptedService } from '../system/scripted-service.ts';

let system: TestSystem;
let service: ScriptedService;
const done: string[] = [];

beforeAll(async () => {
  service = await startScriptedMcp(['make', 'unmake'], async ({ tool, arguments: { name } }) => {
    done.push(`${tool} ${name}`);
    return String(name).startsWith('big') ? { text: 'x'.repeat(100_000) } : { made: name };
  });
  system = await startTestSystem();
  await restDoor(system.endpoints)('register_service', { name: 'maker', transport: 'mcp', url: service.url });
}, 60_000);

afterAll(async () => {
  await system.close();
  await service.close();
});

const make = (id: string, name: string, more: object = {}) => ({
  id,
  call: { service: 'maker', tool: 'make', arguments: { name } },
  ...more,
});
const asks = (more: object = {}) => ({
  id: 'ok',
  approval: { message: "{% 'Publish ' & $draft.made & '?' %}", details: { draft: '{% $draft %}' } },
  ...more,
});

async function define(name: string, steps: unknown[], more: object = {}): Promise<string> {
  const defined = await restDoor(system.endpoints)('define_workflow', { name, steps, ...more });
  expect(defined).toMatchObject({ code: undefined });
  return name;
}

describe.each(doors)('by $door', ({ door: name, open }) => {
  const door: Door = (operation, input) => open(system.endpoints)(operation, input);
  const own = (text: string): string => `${text}-${name.toLowerCase()}`;

  const begin = async (workflow: string): Promise<string> =>
    workflowIdOf(await door('start_workflow', { workflow, input: {} }));
  const asked = (workflowId: string, path = 'ok') =>
    awaitStatus(door, workflowId, ({ steps }) =>
      steps.some((step) => step.path === path && step.status === 'RUNNING' && step.approval !== undefined),
    );

  it('an approved step has the decision as its value, and the workflow goes on', async () => {
    const steps = [make('draft', own('a')), asks(), make('publish', "{% $ok.by & ': ' & $ok.comment %}")];
    const workflowId = await begin(await define(own('publish'), steps, { output: '{% $ok %}' }));
    const waiting = await asked(workflowId);
    expect(waiting.steps[1]).toMatchObject({
      kind: 'approval',
      approval: { message: `Publish ${own('a')}?`, details: { draft: { made: own('a') } } },
    });
    expect(waiting['waitingFor']).toEqual([
      { step: 'ok', kind: 'approval', since: expect.any(String), message: `Publish ${own('a')}?` },
    ]);
    const approved = await door('approve_step', { workflowId, step: 'ok', comment: 'fine' });
    expect(approved.body).toMatchObject({
      workflowId,
      step: 'ok',
      approved: true,
      by: 'local',
      comment: 'fine',
    });
    const status = await awaitStatus(door, workflowId);
    expect(status).not.toHaveProperty('waitingFor');
    expect(status).toMatchObject({
      status: 'SUCCEEDED',
      output: { approved: true, by: 'local', comment: 'fine', at: expect.any(String) },
    });
    expect(status.steps[1]).toMatchObject({ status: 'SUCCEEDED', approval: { decision: { by: 'local' } } });
    expect(done).toContain('make local: fine');
  });

  it('a rejected step fails the workflow with the reason, and finished steps are undone', async () => {
    const undo = {
      compensate: { service: 'maker', tool: 'unmake', arguments: { name: '{% $draft.made %}' } },
    };
    const workflowId = await begin(await define(own('rejected'), [make('draft', own('b'), undo), asks()]));
    await asked(workflowId);
    await door('reject_step', { workflowId, step: 'ok', comment: 'too long' });
    expect(await awaitStatus(door, workflowId)).toMatchObject({
      status: 'FAILED',
      error: { code: 'approval.rejected', message: 'ok was rejected by local: too long', step: 'ok' },
    });
    expect(done).toContain(`unmake ${own('b')}`);
  });

  it('repeating a decision is the same decision, another one is refused, and so is one that nobody asked for', async () => {
    const workflowId = await begin(await define(own('twice'), [make('draft', own('c')), asks()]));
    await asked(workflowId);
    const first = await door('approve_step', { workflowId, step: 'ok' });
    expect((await door('approve_step', { workflowId, step: 'ok' })).body).toEqual(first.body);
    expect((await door('reject_step', { workflowId, step: 'ok' })).code).toBe('approval.decided');
    expect((await door('approve_step', { workflowId, step: 'draft' })).code).toBe('approval.not-found');
    expect((await door('approve_step', { workflowId: 'none', step: 'ok' })).code).toBe('execution.not-found');
    expect((await awaitStatus(door, workflowId)).status).toBe('SUCCEEDED');
  });

  it('an approval that times out fails, or lets the workflow go on, and is refused after that', async () => {
    const late = asks({ timeoutSeconds: 1 });
    const failed = await runToEnd(door, await define(own('late'), [make('draft', own('d')), late]));
    expect(failed).toMatchObject({
      status: 'FAILED',
      error: {
        code: 'States.Timeout',
        message: 'steps[1]: nobody decided within 1 s, its timeoutSeconds',
        step: 'ok',
      },
    });
    const after = await door('approve_step', { workflowId: failed.workflowId, step: 'ok' });
    expect(after.code).toBe('approval.expired');
    const steps = [make('draft', own('e')), { ...late, onFailure: 'continue' }, make('after', own('f'))];
    const passed = await runToEnd(door, await define(own('passes'), steps));
    expect(passed.status).toBe('SUCCEEDED');
    expect(passed.steps.map(({ status }) => status)).toEqual(['SUCCEEDED', 'FAILED', 'SUCCEEDED']);
  });

  it('a cancel ends the waiting, and the list of what waits does not show it any more', async () => {
    const workflowId = await begin(await define(own('cancelled'), [make('draft', own('g')), asks()]));
    await asked(workflowId);
    const Listed = z.object({ approvals: z.array(z.looseObject({ workflowId: z.string() })) });
    const listed = async () => Listed.parse((await door('list_approvals', { limit: 100 })).body).approvals;
    expect(await listed()).toContainEqual({
      workflowId,
      workflow: own('cancelled'),
      step: 'ok',
      message: `Publish ${own('g')}?`,
      details: { draft: { made: own('g') } },
      askedAt: expect.any(String),
    });
    await door('cancel_workflow', { workflowId });
    const status = await awaitStatus(door, workflowId);
    expect(status.status).toBe('CANCELLED');
    expect(status.steps[1]?.status).toBe('CANCELLED');
    expect((await listed()).map((one) => one.workflowId)).not.toContain(workflowId);
    expect((await door('approve_step', { workflowId, step: 'ok' })).code).toBe('approval.expired');
  });

  it('each iteration asks for its own decision', async () => {
    const inner = { id: 'yes', approval: { message: '{% $name %}' }, onFailure: 'continue' };
    const loop = { id: 'loop', forEach: { items: ['x', 'y'], as: 'name', steps: [inner] } };
    const workflowId = await begin(await define(own('loop'), [loop]));
    await asked(workflowId, 'loop/0/yes');
    await asked(workflowId, 'loop/1/yes');
    await door('approve_step', { workflowId, step: 'loop/0/yes' });
    await door('reject_step', { workflowId, step: 'loop/1/yes' });
    expect(await awaitStatus(door, workflowId)).toMatchObject({
      status: 'SUCCEEDED',
      output: { loop: [{ yes: { approved: true } }, {}] },
    });
  });

  it('shows a part of a large result, and fails by name when it would show all of it', async () => {
    const draft = { id: 'draft', call: { service: 'maker', tool: 'make', arguments: { name: own('big') } } };
    const part = {
      id: 'ok',
      approval: { message: '{% $substring($draft.text, 0, 3) %}' },
      onFailure: 'fail',
    };
    const workflowId = await begin(await define(own('part'), [draft, part]));
    const status = await asked(workflowId);
    expect(status.steps[1]?.approval?.message).toBe('xxx');
    await door('approve_step', { workflowId, step: 'ok' });
    expect((await awaitStatus(door, workflowId)).status).toBe('SUCCEEDED');
    const whole = { id: 'ok', approval: { details: '{% $draft %}' } };
    const failed = await runToEnd(door, await define(own('whole'), [draft, whole]));
    expect(failed).toMatchObject({ status: 'FAILED', error: { code: 'step.expression-failed', step: 'ok' } });
    expect(failed.error?.message).toContain('may have 64000');
  });

  it('after a rejection a retry asks again', async () => {
    const workflowId = await begin(await define(own('again'), [make('draft', own('h')), asks()]));
    await asked(workflowId);
    await door('reject_step', { workflowId, step: 'ok' });
    await awaitStatus(door, workflowId);
    await door('retry_workflow', { workflowId });
    await asked(workflowId);
    await door('approve_step', { workflowId, step: 'ok' });
    expect((await awaitStatus(door, workflowId)).status).toBe('SUCCEEDED');
    expect(done.filter((one) => one === `make ${own('h')}`)).toHaveLength(1);
  });
});

it('a task token is never shown: not in status, lists, results or the log', async () => {
  const door = restDoor(system.endpoints);
  const workflow = await define('secret', [make('draft', 'secret'), asks()]);
  const workflowId = workflowIdOf(await door('start_workflow', { workflow, input: {} }));
  await awaitStatus(door, workflowId, ({ steps }) => steps[1]?.approval !== undefined);
  const answers = await Promise.all([
    door('get_workflow_status', { workflowId }),
    door('list_approvals'),
    door('approve_step', { workflowId, step: 'ok' }),
    rest(system.endpoints, ['GET', `/v1/executions/${workflowId}`]),
  ]);
  const log = await readFile(`${system.dataDir}/log`, 'utf8');
  expect(JSON.stringify(answers.map(({ body }) => body))).not.toMatch(/token/i);
  expect(log).not.toMatch(/taskToken|"token"/);
});
