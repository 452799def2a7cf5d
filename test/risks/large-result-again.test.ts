/** Risk: a step whose result is kept by reference is attempted again, cut off or undone, and its result is lost. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runStep } from '../../src/executions/run-step.ts';
import { startScriptedMcp } from '../system/scripted-mcp.ts';
import type { ScriptedService } from '../system/scripted-service.ts';
import { eventually, type Ring, startRing } from './execution-ring.ts';

let ring: Ring;
let service: ScriptedService;
const undone: unknown[] = [];
const text = 'large '.repeat(10_000);

beforeAll(async () => {
  ring = await startRing();
  service = await startScriptedMcp(['make', 'take', 'unmake', 'fail'], ({ tool, arguments: given }) => {
    if (tool === 'fail') throw new Error('it cannot be done');
    if (tool === 'unmake') undone.push(given);
    return tool === 'make' ? { id: 7, text } : { took: JSON.stringify(given).length };
  });
  await ring.register('maker', 'mcp', service.url);
});

afterAll(async () => {
  await ring.close();
  await service.close();
});

const call = (id: string, tool: string, values: object = {}, rest: object = {}) => ({
  id,
  call: { service: 'maker', tool, arguments: values },
  ...rest,
});

it('a finished step that is attempted again gives the same reference, and is not called again', async () => {
  await ring.define({ name: 'waits', steps: [call('make', 'make'), { id: 'pause', wait: { seconds: 60 } }] });
  const { id } = await ring.start('waits');
  const record = await eventually(async () => {
    const step = await ring.context.steps.get(id, 'make');
    return step?.status === 'SUCCEEDED' ? step : undefined;
  });
  const calls = service.seen.length;
  const task = {
    executionId: id,
    step: 'make',
    path: '',
    attempt: 1,
    maxAttempts: 3,
    call: { service: 'maker', tool: 'make', arguments: {} },
    timeoutSeconds: 30,
  };
  const again = await runStep(ring.context, task);
  expect(again).toEqual({
    resultRef: { step: 'make', id: expect.stringMatching(/^[0-9a-f]{16}$/), chunks: 1, bytes: 60_018 },
  });
  expect(again).toEqual({ resultRef: record.resultRef });
  expect(service.seen).toHaveLength(calls);
});

it('a result that was kept when the process ended before its record is kept again, and passed on whole', async () => {
  await ring.define({
    name: 'crashes',
    steps: [
      call('make', 'make', {}, { retry: { maxAttempts: 2, intervalSeconds: 1 } }),
      call('take', 'take', { text: '{% $make.text %}' }),
    ],
  });
  let crashes = 0;
  const { steps } = ring.context;
  const write: typeof steps.write = (record) => {
    crashes += 1;
    if (crashes > 1) return steps.write(record);
    return Promise.reject(Object.assign(new Error('the process is gone'), { name: 'Runtime.ExitError' }));
  };
  ring.functions.context = { ...ring.context, steps: { ...steps, write } };
  const ended = await ring.ended((await ring.start('crashes')).id);
  ring.functions.context = ring.context;
  expect(crashes).toBe(3);
  expect(ended).toMatchObject({ stored: 'SUCCEEDED', output: { take: { took: 60_011 } } });
});

it('an undo may use results that are kept by reference, its own and earlier ones', async () => {
  const compensate = {
    service: 'maker',
    tool: 'unmake',
    arguments: { own: '{% $second.id %}', text: '{% $first.text %}', by: '{% $input.by %}' },
  };
  await ring.define({
    name: 'undone',
    steps: [call('first', 'make'), call('second', 'make', {}, { compensate }), call('last', 'fail')],
  });
  const { id } = await ring.start('undone', undefined, { by: 'me' });
  expect((await ring.ended(id)).stored).toBe('FAILED');
  expect(undone).toEqual([{ own: 7, text, by: 'me' }]);
});

it('an undo that would be too large to be recorded fails its step, which says so', async () => {
  const compensate = {
    service: 'maker',
    tool: 'unmake',
    arguments: { all: '{% [$big.text, $big.text, $big.text, $big.text] %}' },
  };
  await ring.define({ name: 'huge-undo', steps: [call('big', 'make', {}, { compensate })] });
  const ended = await ring.ended((await ring.start('huge-undo')).id);
  expect(ended).toMatchObject({ stored: 'FAILED', error: { code: 'step.expression-failed', step: 'big' } });
  expect(ended.error?.message).toContain('the undo has 240069 bytes and may have 200000');
});

it('a result of another execution cannot be had by its reference', async () => {
  await ring.define({ name: 'keeps', steps: [call('make', 'make')] });
  await ring.define({ name: 'asks', steps: [call('take', 'take', { it: '{% $input %}' })] });
  const kept = await ring.ended((await ring.start('keeps')).id);
  const asked = await ring.ended((await ring.start('asks', undefined, kept.output)).id);
  expect(asked).toMatchObject({ stored: 'FAILED', error: { code: 'step.expression-failed', step: 'take' } });
  expect(asked.error?.message).toBe('the result of make that is referred to is not kept by this execution');
});
