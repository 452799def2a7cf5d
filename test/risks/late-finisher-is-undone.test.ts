/** Risk: an execution ends while the effect of one of its calls stays, unseen and not undone. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { cancelExecution } from '../../src/executions/cancel-execution.ts';
import type { Execution, StepRecord } from '../../src/executions/model/execution.ts';
import { undoTurn } from '../../src/executions/undo-execution.ts';
import { type ScriptedService, startScriptedService } from '../system/scripted-service.ts';
import { eventually, type Ring, type RingContext, startRing } from './execution-ring.ts';
import { mcpScript, type Tools, type ToolUse, toolFailure } from './mcp-script.ts';

let ring: Ring;
let service: ScriptedService;
const uses: ToolUse[] = [];
let answer: Tools;

const done = (use: ToolUse) => ({ content: [], structuredContent: { id: use.arguments['id'] } });

const add = (id: string, timeoutSeconds = 20) => ({
  id,
  call: { service: 'store', tool: 'add', arguments: { id } },
  timeoutSeconds,
  compensate: { service: 'store', tool: 'remove', arguments: { id: `{% $${id}.id %}` } },
});
const refuse = { id: 'refuse', call: { service: 'store', tool: 'refuse', arguments: { id: 'x' } } };

beforeAll(async () => {
  ring = await startRing();
  service = await startScriptedService(
    mcpScript((use, response) => {
      uses.push(use);
      return answer(use, response);
    }),
  );
  await ring.register('store', 'mcp', service.url);
  await ring.define({ name: 'single', steps: [add('one')] });
  await ring.define({ name: 'failing', steps: [add('one'), add('two'), add('three'), refuse] });
});

beforeEach(() => {
  uses.length = 0;
  ring.functions.context = ring.context;
  ring.functions.undoContext = ring.context;
  answer = (use) => (use.tool === 'refuse' ? toolFailure('no') : done(use));
});

afterAll(async () => {
  await ring.close();
  await service.close();
});

const removed = () => uses.filter(({ tool }) => tool === 'remove').map((use) => use.arguments['id']);
const used = (tool: string) => eventually(() => (uses.some((use) => use.tool === tool) ? true : undefined));
const stepsOf = ({ id }: Pick<Execution, 'id'>): Promise<StepRecord[]> => ring.context.steps.all(id);

it('undoes a call that finishes just after the cancel flag was set', async () => {
  const { steps } = ring.context;
  let cancel: () => Promise<unknown> = () => Promise.resolve();
  const write: typeof steps.write = async (record) => {
    await cancel();
    return steps.write(record);
  };
  ring.functions.context = { ...ring.context, steps: { ...steps, write } };
  const started = new Promise<string>((resolve) => {
    cancel = async () => cancelExecution(ring.context, await started);
    void ring.start('single').then(({ id }) => resolve(id));
  });
  const ended = await ring.ended(await started);
  expect(ended.stored).toBe('CANCELLED');
  expect(await eventually(() => (removed().length > 0 ? removed() : undefined))).toEqual(['one']);
  await eventually(async () => ((await stepsOf(ended))[0]?.undo?.status === 'SUCCEEDED' ? true : undefined));
});

it('undoes a call that is recorded only after the execution has ended as cancelled', async () => {
  const { steps } = ring.context;
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const write: typeof steps.write = async (record) => {
    await held;
    return steps.write(record);
  };
  ring.functions.context = { ...ring.context, steps: { ...steps, write } };
  const { id } = await ring.start('single');
  await used('add');
  await cancelExecution(ring.context, id);
  const ended = await ring.ended(id);
  expect(ended.stored).toBe('CANCELLED');
  expect(removed()).toEqual([]);
  release();
  await used('remove');
  await eventually(async () => ((await stepsOf(ended))[0]?.undo?.status === 'SUCCEEDED' ? true : undefined));
  expect(removed()).toEqual(['one']);
});

it('shows a compensating call that was cut off by a cancel as in doubt, and hangs up on the service', async () => {
  answer = () => undefined;
  const hungUp = service.aborted.length;
  const { id } = await ring.start('single');
  await used('add');
  await cancelExecution(ring.context, id);
  const ended = await ring.ended(id);
  expect(ended.stored).toBe('CANCELLED');
  expect((await stepsOf(ended)).map(({ status }) => status)).toEqual(['IN_DOUBT']);
  expect(service.aborted.length).toBeGreaterThan(hungUp);
});

it('shows a compensating call that never answers as in doubt', async () => {
  await ring.define({ name: 'silent', steps: [add('one', 1)] });
  answer = () => undefined;
  const ended = await ring.ended((await ring.start('silent')).id);
  expect(ended).toMatchObject({ stored: 'FAILED', error: { code: 'service.timeout', step: 'one' } });
  expect((await stepsOf(ended)).map(({ status }) => status)).toEqual(['IN_DOUBT']);
});

it('runs the undos in the reverse order of completion and keeps the first error', async () => {
  const ended = await ring.ended((await ring.start('failing')).id);
  expect(ended).toMatchObject({ stored: 'FAILED', error: { code: 'service.tool-failed', step: 'refuse' } });
  expect(removed()).toEqual(['three', 'two', 'one']);
});

it('shows an undo that failed, runs the others, and keeps the first error', async () => {
  answer = (use) =>
    use.tool === 'refuse' || (use.tool === 'remove' && use.arguments['id'] === 'two')
      ? toolFailure('no')
      : done(use);
  const ended = await ring.ended((await ring.start('failing')).id);
  expect(ended).toMatchObject({ stored: 'FAILED', error: { code: 'service.tool-failed', step: 'refuse' } });
  const undos = (await stepsOf(ended)).map(({ step, undo }) => [step, undo?.status, undo?.error?.code]);
  expect(Object.fromEntries(undos.map(([step, ...undo]) => [step, undo]))).toEqual({
    one: ['SUCCEEDED', undefined],
    two: ['FAILED', 'service.tool-failed'],
    three: ['SUCCEEDED', undefined],
    refuse: [undefined, undefined],
  });
});

it('two undo machines at the same moment run each undo once', async () => {
  let open = false;
  const { executions } = ring.context;
  const get: typeof executions.get = async (id) => {
    if (!open) throw new Error('not yet');
    return executions.get(id);
  };
  ring.functions.undoContext = { ...ring.context, executions: { ...executions, get } };
  const { id } = await ring.start('failing');
  await eventually(async () => ((await executions.get(id))?.closingAt ? true : undefined));
  open = true;
  await Promise.all(['first', 'second'].map((owner) => drive(ring.context, id, owner)));
  const ended = await ring.ended(id);
  expect(ended.stored).toBe('FAILED');
  expect(removed().sort()).toEqual(['one', 'three', 'two']);
});

/** Takes turns as an undo machine of this name does, until it is done. */
async function drive(context: RingContext, executionId: string, owner: string): Promise<void> {
  for (let turns = 0; turns < 50; turns++) {
    const { next, waitSeconds } = await undoTurn(context, { executionId, owner });
    if (next === 'done') return;
    await new Promise((resolve) => setTimeout(resolve, waitSeconds * 100));
  }
  throw new Error('it is not done after 50 turns');
}
