/** A step that runs another workflow: its output, its failure, its end with the parent, and its retry. */
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awaitStatus, type Door, doors, restDoor, runToEnd, workflowIdOf } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { startScriptedMcp } from '../system/scripted-mcp.ts';
import type { ScriptedService } from '../system/scripted-service.ts';

let system: TestSystem;
let service: ScriptedService;
const broken = new Set<unknown>();
const done: string[] = [];

beforeAll(async () => {
  service = await startScriptedMcp(['make', 'unmake', 'big'], async ({ tool, arguments: { name } }) => {
    if (broken.has(name)) throw new Error(`${name} is broken`);
    if (tool === 'unmake' && String(name).startsWith('slow')) await setTimeout(1_500);
    done.push(`${tool} ${name}`);
    return tool === 'big' ? { text: 'x'.repeat(100_000) } : { made: name };
  });
  system = await startTestSystem();
  await restDoor(system.endpoints)('register_service', { name: 'maker', transport: 'mcp', url: service.url });
}, 60_000);

afterAll(async () => {
  await system.close();
  await service.close();
});

const make = (id: string, name: string, tool = 'make') => ({
  id,
  call: { service: 'maker', tool, arguments: { name } },
  compensate: { service: 'maker', tool: 'unmake', arguments: { name } },
});
const plain = (id: string, name: string, tool = 'make') => ({
  id,
  call: { service: 'maker', tool, arguments: { name } },
});
const runs = (id: string, name: string, input: object = {}, more: object = {}) => ({
  id,
  workflow: { name, input },
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

  it('gives its output to the step, and both show each other', async () => {
    const child = await define(own('child'), [plain('inner', '{% $input.name %}')], {
      inputSchema: { type: 'object', required: ['name'] },
      output: "{% 'made ' & $inner.made %}",
    });
    const parent = await define(own('parent'), [
      plain('first', own('one')),
      runs('nested', child, { name: '{% $first.made %}' }),
      plain('last', '{% $nested %}'),
    ]);
    const started = await door('start_workflow', {
      workflow: parent,
      input: {},
      labels: { team: own('mail') },
    });
    const status = await awaitStatus(door, workflowIdOf(started));
    expect(status).toMatchObject({ status: 'SUCCEEDED', output: { nested: `made ${own('one')}` } });
    const workflowId = status.steps[1]?.workflowId ?? '';
    const nested = await door('get_workflow_status', { workflowId });
    expect(nested.body).toMatchObject({
      workflow: child,
      status: 'SUCCEEDED',
      input: { name: own('one') },
      labels: { team: own('mail') },
      parent: { workflowId: status.workflowId, step: 'nested' },
    });
    expect(done).toContain(`make made ${own('one')}`);
  });

  it('fails the step with workflow.failed when it fails, and a retry goes on inside of it', async () => {
    broken.add(own('inside'));
    const child = await define(own('fragile'), [plain('a', own('kept')), plain('b', own('inside'))]);
    const parent = await define(own('of-fragile'), [runs('nested', child)]);
    const failed = await runToEnd(door, parent);
    expect(failed).toMatchObject({ status: 'FAILED', error: { code: 'workflow.failed', step: 'nested' } });
    expect(failed.error?.message).toBe(
      `${child} (workflowId ${failed.steps[0]?.workflowId}) ended as FAILED at step b: service.tool-failed: Tool make of service maker answered with an error: ${own('inside')} is broken`,
    );
    broken.clear();
    await door('retry_workflow', { workflowId: failed.workflowId });
    const status = await awaitStatus(door, failed.workflowId);
    expect(status).toMatchObject({ status: 'SUCCEEDED', output: { nested: { b: { made: own('inside') } } } });
    expect(status.steps[0]?.workflowId).toBe(failed.steps[0]?.workflowId);
    expect(done.filter((one) => one === `make ${own('kept')}`)).toHaveLength(1);
  });

  it('goes on past one that fails when it may', async () => {
    broken.add(own('fails'));
    const child = await define(own('fails'), [plain('a', own('fails'))]);
    const parent = await define(own('tolerant'), [runs('nested', child, {}, { onFailure: 'continue' })], {
      output: "{% $exists($nested) ? 'there' : 'not there' %}",
    });
    expect(await runToEnd(door, parent)).toMatchObject({ status: 'SUCCEEDED', output: 'not there' });
    broken.clear();
  });

  it('a cancel reaches it: its finished steps are undone before those of the parent', async () => {
    const child = await define(own('slow'), [
      make('inner', own('inner')),
      { id: 'rest', wait: { seconds: 60 } },
    ]);
    const parent = await define(own('cancelled'), [make('outer', own('outer')), runs('nested', child)]);
    const workflowId = workflowIdOf(await door('start_workflow', { workflow: parent, input: {} }));
    await expect.poll(() => done, { timeout: 15_000 }).toContain(`make ${own('inner')}`);
    const running = await awaitStatus(door, workflowId, ({ steps }) => steps[1]?.workflowId !== undefined);
    await door('cancel_workflow', { workflowId });
    const nested = await awaitStatus(door, running.steps[1]?.workflowId ?? '');
    expect(nested.status).toBe('CANCELLED');
    const status = await awaitStatus(door, workflowId);
    expect([status.status, status.steps[1]?.status]).toEqual(['CANCELLED', 'CANCELLED']);
    expect(done.filter((one) => one.startsWith('unmake') && one.endsWith(name.toLowerCase()))).toEqual([
      `unmake ${own('inner')}`,
      `unmake ${own('outer')}`,
    ]);
  });

  it('a terminate reaches it and undoes nothing; a failure beside it cancels it', async () => {
    const child = await define(own('long'), [
      make('inner', own('stays')),
      { id: 'rest', wait: { seconds: 60 } },
    ]);
    const parent = await define(own('terminated'), [runs('nested', child)]);
    const workflowId = workflowIdOf(await door('start_workflow', { workflow: parent, input: {} }));
    await expect.poll(() => done, { timeout: 15_000 }).toContain(`make ${own('stays')}`);
    const running = await awaitStatus(door, workflowId, ({ steps }) => steps[0]?.workflowId !== undefined);
    expect(running['waitingFor']).toEqual([
      {
        step: 'nested',
        kind: 'workflow',
        since: expect.any(String),
        workflowId: running.steps[0]?.workflowId,
      },
    ]);
    await door('terminate_workflow', { workflowId, reason: 'too late' });
    expect(await awaitStatus(door, running.steps[0]?.workflowId ?? '')).toMatchObject({
      status: 'TERMINATED',
      reason: `${workflowId}, whose step it is, ended as TERMINATED: too late`,
    });
    expect(done).not.toContain(`unmake ${own('stays')}`);

    broken.add(own('beside'));
    const waits = { id: 'pause', wait: { seconds: 1 } };
    const both = { id: 'both', parallel: [[runs('nested', child)], [waits, plain('fails', own('beside'))]] };
    const failed = await runToEnd(door, await define(own('beside'), [both]));
    broken.clear();
    expect(failed.status).toBe('FAILED');
    const beside = failed.steps.find(({ id }) => id === 'nested')?.workflowId ?? '';
    expect((await awaitStatus(door, beside)).status).toBe('CANCELLED');
  });

  it.each([
    ['cancel_workflow', 'CANCELLED: ordered twice'],
    ['terminate_workflow', 'TERMINATED: execution.terminated: Terminated by request: ordered twice'],
  ])('tells the step why it was ended by %s', async (operation, ended) => {
    const child = await define(own('rests'), [{ id: 'rest', wait: { seconds: 60 } }]);
    const parent = await define(own('of-rests'), [runs('nested', child)]);
    const workflowId = workflowIdOf(await door('start_workflow', { workflow: parent, input: {} }));
    const running = await awaitStatus(door, workflowId, ({ steps }) => steps[0]?.workflowId !== undefined);
    const nested = running.steps[0]?.workflowId ?? '';
    // The step names it a moment before it is there.
    await expect
      .poll(async () => (await door('get_workflow_status', { workflowId: nested })).code)
      .toBeUndefined();
    await door(operation, { workflowId: nested, reason: 'ordered twice' });
    expect((await awaitStatus(door, workflowId)).error).toEqual({
      code: 'workflow.failed',
      message: `${child} (workflowId ${nested}) ended as ${ended}`,
      step: 'nested',
    });
  });

  it('that takes longer than the step may wait is named by the failure, and cancelled', async () => {
    const child = await define(own('rests'), [{ id: 'rest', wait: { seconds: 60 } }]);
    const late = await define(own('late'), [runs('nested', child, {}, { timeoutSeconds: 1 })]);
    const failed = await runToEnd(door, late);
    const nested = failed.steps[0]?.workflowId ?? '';
    expect(failed.error).toEqual({
      code: 'States.Timeout',
      message: `steps[0]: ${child} (workflowId ${nested}) did not end within 1 s, its timeoutSeconds, and is cancelled unless it ended since`,
      step: 'nested',
    });
    expect(await awaitStatus(door, nested)).toMatchObject({
      status: 'CANCELLED',
      reason: `${failed.workflowId}, whose step it is, ended as FAILED`,
    });
  });

  it('that is still being undone when its parent is retried leaves the time-out of the first try in sight', async () => {
    const child = await define(own('undone-slowly'), [
      make('made', own('slow')),
      { id: 'rest', wait: { seconds: 60 } },
    ]);
    const late = await define(own('late-again'), [runs('nested', child, {}, { timeoutSeconds: 1 })]);
    const { workflowId } = await runToEnd(door, late);
    expect((await door('retry_workflow', { workflowId })).code).toBeUndefined();
    const { status, steps } = await awaitStatus(door, workflowId);
    expect(status).toBe('FAILED');
    const attempts = steps[0]?.attempts ?? [];
    expect(attempts).toHaveLength(2);
    const [first, second] = attempts;
    expect(first).toMatchObject({ finishedAt: expect.any(String), error: { code: 'States.Timeout' } });
    expect(Date.parse(second?.startedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(first?.finishedAt ?? ''));
  });

  it('a large output of it is a large result of the step', async () => {
    const child = await define(own('large'), [plain('inner', own('large'), 'big')], {
      output: '{% $inner %}',
    });
    const parent = await define(own('of-large'), [runs('nested', child)], {
      output: '{% $length($nested.text) %}',
    });
    expect(await runToEnd(door, parent)).toMatchObject({ status: 'SUCCEEDED', output: 100_000 });
  });

  it('one that cannot be started fails the step by name', async () => {
    const child = await define(own('strict'), [plain('a', 'x')], {
      inputSchema: { type: 'object', required: ['needed'] },
    });
    const parent = await define(own('wrong'), [runs('nested', child)]);
    expect(await runToEnd(door, parent)).toMatchObject({
      status: 'FAILED',
      error: { code: 'workflow.input-invalid', step: 'nested' },
    });
    const unknown = await door('define_workflow', { name: own('unknown'), steps: [runs('a', 'nowhere')] });
    expect(unknown.code).toBe('workflow.invalid');
    expect(JSON.stringify(unknown.body)).toContain('steps[0].workflow.name');
  });

  it('one that runs itself without end is stopped', async () => {
    const endless = await define(own('endless'), [runs('again', own('endless'))]);
    const status = await runToEnd(door, endless);
    expect(status).toMatchObject({ status: 'FAILED', error: { code: 'workflow.failed' } });
    expect(status.error?.message).toContain('workflow.nested-too-deep');
  });
});
