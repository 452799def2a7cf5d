/** Risk: a cancel that comes as the execution ends leaves two ends, or none. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { toOrchestratorError } from '../../src/base/errors.ts';
import { cancelExecution, terminateExecution } from '../../src/executions/cancel-execution.ts';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';
import { type Ring, startRing } from './execution-ring.ts';

let ring: Ring;
let service: ScriptedService;
let onCall: () => Promise<unknown> = () => Promise.resolve();

beforeAll(async () => {
  ring = await startRing();
  service = await startScriptedService(async (_seen, response) => {
    await onCall();
    json(response, { ok: true });
  });
  await ring.register('worker', 'rest', service.url);
  const request = { method: 'POST', path: '/work', body: {} };
  await ring.define({ name: 'one', steps: [{ id: 'work', call: { service: 'worker', request } }] });
});

afterAll(async () => {
  await ring.close();
  await service.close();
});

const codeOf = (request: Promise<unknown>): Promise<string> =>
  request.then(
    () => 'accepted',
    (error: unknown) => toOrchestratorError(error).code,
  );

it.each([0, 2, 5, 10, 20, 40])(
  'a cancel %i ms after the start leaves one end, and every answer agrees with it',
  async (delay) => {
    const { id } = await ring.start('one');
    await new Promise((resolve) => setTimeout(resolve, delay));
    const answers = await Promise.all([1, 2, 3].map(() => codeOf(cancelExecution(ring.context, id))));
    const ended = await ring.ended(id);
    expect(['CANCELLED', 'SUCCEEDED']).toContain(ended.stored);
    const expected = ended.stored === 'CANCELLED' ? 'accepted' : 'execution.closed';
    expect(answers).toEqual([expected, expected, expected]);
    expect(await codeOf(cancelExecution(ring.context, id))).toBe(expected);
    expect(await ring.context.executions.get(id)).toEqual(ended);
  },
);

it('a cancel and a terminate at the same moment leave one end, and asking again gives its answer', async () => {
  onCall = () => new Promise((resolve) => setTimeout(resolve, 300));
  const { id } = await ring.start('one');
  const cancel = () => codeOf(cancelExecution(ring.context, id));
  const terminate = () => codeOf(terminateExecution(ring.context, id));
  const [, terminated] = await Promise.all([cancel(), terminate()]);
  const ended = await ring.ended(id);
  expect(['CANCELLED', 'TERMINATED']).toContain(ended.stored);
  const wasTerminated = ended.stored === 'TERMINATED';
  expect(terminated).toBe(wasTerminated ? 'accepted' : 'execution.closed');
  expect(await terminate()).toBe(wasTerminated ? 'accepted' : 'execution.closed');
  expect(await cancel()).toBe(wasTerminated ? 'execution.closed' : 'accepted');
  expect(await ring.context.executions.get(id)).toEqual(ended);
});
