/**
 * Risk: an input that the documents allow, or nearly, ends as a fault of ours. Every operation, by both doors.
 * @module-tag long
 */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { restDoor, workflowIdOf } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { hostileText, hostileVariant } from './hostile-input.ts';
import { inputOf, type Known } from './input-of-schema.ts';
import { expectTypedAnswer, expectTypedMessage, toolCall } from './typed-answer.ts';

const Tools = z.array(z.looseObject({ name: z.string(), inputSchema: z.unknown() }));
const tools = Tools.parse(JSON.parse(readFileSync('docs/mcp-tools.json', 'utf8')));
const runsPerOperation = 15;

let system: TestSystem;
let known: Known;

beforeAll(async () => {
  system = await startTestSystem({ defaultWorkflow: 'simple' });
  const door = restDoor(system.endpoints);
  await door('register_service', { name: 'tools', transport: 'mcp', url: 'http://127.0.0.1:9' });
  await door('register_service', { name: 'paths', transport: 'rest', url: 'http://127.0.0.1:9' });
  await door('define_workflow', { name: 'simple', steps: [{ id: 'pause', wait: { seconds: 0 } }] });
  await door('define_workflow', { name: 'asks', steps: [{ id: 'ok', approval: {} }] });
  const ended = workflowIdOf(await door('start_workflow', { workflow: 'simple' }));
  const waiting = workflowIdOf(await door('start_workflow', { workflow: 'asks' }));
  const urls = ['http://127.0.0.1:9', 'http://127.0.0.1:9/a?b', 'ftp://127.0.0.1', '', null];
  known = {
    byPattern: {
      '^[a-z][a-z0-9-]{0,62}$': ['tools', 'paths', 'simple', 'asks', 'made'],
      '^[A-Za-z0-9_-]{1,80}$': [ended, waiting],
      '^[\\w/]{1,900}$': ['ok', 'pause'],
    },
    // Strangers are not called, and no answer is waited for long.
    byField: { url: urls, endpoint: urls, wait: [0, 1] },
  };
}, 60_000);

afterAll(() => system.close());

it('every operation is documented with a schema from which inputs are made', () => {
  expect(tools.length).toBeGreaterThan(35);
});

describe.each(tools)('$name answers a result or a typed error', ({ name, inputSchema }) => {
  it('to what its schema allows, and to that with something wrong in it', async () => {
    const right = inputOf(inputSchema, known);
    const wrong = right.chain((input) => hostileVariant(input));
    await fc.assert(
      fc.asyncProperty(fc.oneof(right, wrong), async (input) => {
        await expectTypedAnswer(`${system.endpoints.api}/tools/${name}`, { body: hostileText(input) });
        await expectTypedMessage(system.endpoints.api, hostileText(toolCall(name, input)));
      }),
      { numRuns: runsPerOperation },
    );
  }, 60_000);
});
