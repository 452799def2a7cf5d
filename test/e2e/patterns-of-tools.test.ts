/** Regular expressions in the schemas of tools that cannot be run in linear time: passed over, and said. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { doors, rest, runToEnd } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';

const Message = z.looseObject({ id: z.number(), method: z.string() });

const tools = [
  {
    name: 'set_phrase',
    inputSchema: {
      type: 'object',
      properties: { phrase: { type: 'string', pattern: '^(?=.*[0-9]).+$' }, user: { pattern: '^[a-z]+$' } },
    },
    outputSchema: {
      type: 'object',
      properties: { token: { not: { pattern: '(.)\\1' } }, at: { pattern: '^[0-9]+$' } },
      patternProperties: { '^(?!token|at$)': { type: 'number' } },
      additionalProperties: false,
    },
  },
];
const answer = { structuredContent: { token: 'abc', at: 'noon', other: 'text' } };

const why = 'it cannot be run in a bounded time (lookaround, references back, counts over 1000)';
const listed = [
  `The regular expression properties.phrase.pattern in the input schema of set_phrase is not checked: ${why}`,
  `The regular expression patternProperties.^(?!token|at$) in the output schema of set_phrase is not checked: ${why}`,
  `The regular expression properties.token.not.pattern in the output schema of set_phrase is not checked: ${why}`,
];
const answered = [
  { path: 'at', message: 'breaks the output schema of the tool: must match the pattern ^[0-9]+$' },
  { path: '', message: `the pattern ^(?!token|at$) of the output schema of the tool is not checked: ${why}` },
  { path: '', message: `the pattern (.)\\1 of the output schema of the tool is not checked: ${why}` },
];

let system: TestSystem;
let service: ScriptedService;
let registered: Awaited<ReturnType<typeof rest>>;

beforeAll(async () => {
  service = await startScriptedService(({ body }, response) => {
    const { id, method } = Message.parse(body);
    const result = method.endsWith('/list') ? { tools, resources: [], prompts: [] } : answer;
    json(response, { jsonrpc: '2.0', id, result });
  });
  system = await startTestSystem();
  registered = await rest(system.endpoints, ['PUT', '/v1/services/users'], {
    body: { transport: 'mcp', url: service.url },
  });
}, 60_000);

afterAll(async () => {
  await system?.close();
  await service?.close();
});

it('are named when the service is registered and when its tools are read again', async () => {
  expect(registered.body).toMatchObject({ warnings: listed });
  const refreshed = await rest(system.endpoints, ['POST', '/v1/services/users/refresh'], { body: {} });
  expect(refreshed.body).toMatchObject({ versions: [{ warnings: listed }] });
});

describe.each(doors)('over $door', ({ door: name, open }) => {
  const door: ReturnType<typeof open> = (operation, input) => open(system.endpoints)(operation, input);
  const workflow = (args: object) => ({
    name: `users-${name.toLowerCase()}`,
    steps: [{ id: 'set', call: { service: 'users', tool: 'set_phrase', arguments: args } }],
  });
  const skipped = {
    path: 'steps[0].call.arguments',
    message: `the pattern ^(?=.*[0-9]).+$ of the input schema of set_phrase is not checked: ${why}`,
  };

  it('a definition is told of those that its literal arguments were to be held against, strict or not', async () => {
    const broken = { path: 'steps[0].call.arguments.user', message: 'must match the pattern ^[a-z]+$' };
    const check = async (args: object, more: object = {}) =>
      (await door('validate_workflow_definition', { ...workflow(args), ...more })).body;
    expect(await check({ phrase: 'letters', user: 'A1' })).toEqual({
      valid: true,
      errors: [],
      warnings: [broken, skipped],
    });
    expect(await check({ phrase: 'letters' }, { strict: true })).toEqual({
      valid: true,
      errors: [],
      warnings: [skipped],
    });
    expect(await check({ phrase: '{% $input.phrase %}', user: 'ann' })).toEqual({
      valid: true,
      errors: [],
      warnings: [],
    });
  });

  it('a step and call_service tell of those that an answer was to be held against', async () => {
    const definition = workflow({ phrase: '{% $input.phrase %}' });
    await door('define_workflow', definition);
    const ended = await runToEnd(door, definition.name, { phrase: 'letters' });
    expect(ended.status).toBe('SUCCEEDED');
    expect(ended.steps[0]?.warnings).toEqual(answered);
    const called = await door('call_service', { service: 'users', tool: 'set_phrase', arguments: {} });
    expect(called.body['warnings']).toEqual(answered);
  });
});
