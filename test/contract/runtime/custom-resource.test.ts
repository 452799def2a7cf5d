/** What CloudFormation is answered, whatever becomes of a request, and what nobody is told. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { OrchestratorError } from '../../../src/base/errors.ts';
import { answerCloudFormation, CustomResourceRequest } from '../../../src/runtime/custom-resource.ts';
import { createLog } from '../../../src/runtime/log.ts';
import {
  type Asking,
  type CloudFormation,
  stackId,
  startCloudFormation,
  urlSignature,
} from './cloudformation.ts';

let cloudFormation: CloudFormation;
let folder: string;

beforeEach(async () => {
  cloudFormation = await startCloudFormation();
  folder = await mkdtemp(join(tmpdir(), 'orchestrator-custom-resource-'));
});

afterEach(async () => {
  await cloudFormation.close();
  await rm(folder, { recursive: true });
});

const logFile = () => join(folder, 'log');
const handlerOf = (run: () => Promise<void>) => (event: unknown) =>
  answerCloudFormation(
    createLog('custom-resource', { LOG_LEVEL: 'DEBUG', LOG_OUTPUT: `file:${logFile()}` }),
    CustomResourceRequest.parse(event),
    run,
  );
const succeeds = handlerOf(async () => {});
const create: Asking = { RequestType: 'Create', ResourceProperties: {} };

it('answers a success with the ids of the request', async () => {
  const event = cloudFormation.event(create);
  await handlerOf(async () => {})(event);
  const [put] = cloudFormation.puts;
  expect(put).toMatchObject({ method: 'PUT', path: `/answer?${urlSignature}`, contentType: '' });
  expect(JSON.parse(put?.body ?? '')).toEqual({
    Status: 'SUCCESS',
    Reason: '',
    StackId: stackId,
    RequestId: event.RequestId,
    LogicalResourceId: 'Resource',
    PhysicalResourceId: 'Resource',
  });
});

it.each([
  [new Error('it broke'), 'it broke'],
  ['a text', 'a text'],
  [new OrchestratorError('workflow.in-use', 'it runs'), 'workflow.in-use: it runs'],
])('answers a failure with its reason: %s', async (thrown, Reason) => {
  const handler = handlerOf(() => Promise.reject(thrown));
  expect(await cloudFormation.ask(handler, create)).toMatchObject({ Status: 'FAILED', Reason });
});

it('keeps the physical id for ever, so that nothing is deleted in its place', async () => {
  const ids = [];
  for (const RequestType of ['Create', 'Update', 'Delete'] as const) {
    const known = RequestType === 'Create' ? {} : { PhysicalResourceId: 'Resource' };
    const answer = await cloudFormation.ask(succeeds, { RequestType, ResourceProperties: {}, ...known });
    ids.push(answer.PhysicalResourceId);
  }
  const earlier = {
    RequestType: 'Update',
    PhysicalResourceId: 'made-otherwise',
    ResourceProperties: {},
  } as const;
  ids.push((await cloudFormation.ask(succeeds, earlier)).PhysicalResourceId);
  expect(ids).toEqual(['Resource', 'Resource', 'Resource', 'made-otherwise']);
});

it.each([
  ['letters', 'x'],
  ['letters of three bytes', '語'],
  ['characters of two code units', '🚀'],
  ['characters that JSON escapes', '\u0001'],
  ['quotation marks', '"'],
])('answers with less than 4096 bytes when the reason is 10,000 %s', async (_what, character) => {
  const handler = handlerOf(() => Promise.reject(new Error(`why: ${character.repeat(10_000)}`)));
  const { Reason } = await cloudFormation.ask(handler, { ...create, PhysicalResourceId: 'p'.repeat(1000) });
  expect(Buffer.byteLength(cloudFormation.puts[0]?.body ?? '')).toBeLessThan(4096);
  expect(Reason).toMatch(/^why: /);
  expect(Reason.length).toBeGreaterThan(300);
  expect(Buffer.from(Reason).toString()).toBe(Reason);
});

it('answers again when the answer is not taken the first time', async () => {
  cloudFormation.statuses.push(503);
  await cloudFormation.ask(succeeds, create);
  expect(cloudFormation.puts.map(({ body }) => JSON.parse(body).Status)).toEqual(['SUCCESS', 'SUCCESS']);
});

it('runs once however often it has to answer', async () => {
  let runs = 0;
  cloudFormation.statuses.push(500, 500);
  await cloudFormation.ask(
    handlerOf(async () => {
      runs += 1;
    }),
    create,
  );
  expect(runs).toBe(1);
});

it('fails when no answer is taken, and tells the signed url nowhere', async () => {
  cloudFormation.statuses.push(500, 500, 500);
  const failing = handlerOf(() => Promise.reject(new Error('it broke')));
  const error: unknown = await failing(cloudFormation.event(create)).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ message: 'CloudFormation did not take the answer' });
  const event = cloudFormation.event(create);
  await cloudFormation.close();
  const unreachable: unknown = await failing(event).catch((thrown: unknown) => thrown);
  expect(unreachable).toMatchObject({ message: 'CloudFormation did not take the answer' });
  await expect.poll(() => readFile(logFile(), 'utf8'), { timeout: 5000 }).toContain('it broke');
  const told =
    (await readFile(logFile(), 'utf8')) + inspect([error, unreachable], { depth: 10, showHidden: true });
  expect(told).not.toContain(urlSignature);
  expect(told).not.toContain('/answer');
});
