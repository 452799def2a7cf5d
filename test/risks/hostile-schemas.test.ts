/** Input schemas that would take for ever to check, or have no end: they are refused, and the service goes on. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadSchemaChecker } from '../../src/json-schema/schema-checker.ts';
import { type Door, restDoor } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';

let system: TestSystem;
let door: Door;

beforeAll(async () => {
  system = await startTestSystem();
  door = restDoor(system.endpoints);
});
afterAll(() => system?.close());

const twice = (next: number) => ({ allOf: [{ $ref: `#/$defs/d${next}` }, { $ref: `#/$defs/d${next}` }] });
const doubling = {
  $ref: '#/$defs/d0',
  $defs: {
    ...Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`d${index}`, twice(index + 1)])),
    d40: { type: 'object' },
  },
};
const tooLong = 'cannot be checked: it takes longer than 1 s';
const tooDeep = 'cannot be checked: it is nested too deeply, or refers to itself without end';

describe('the input of a workflow', () => {
  it.each([
    ['references-that-double', doubling, tooLong],
    ['a-reference-to-itself', { $ref: '#' }, tooDeep],
  ])('is refused when its schema has %s', async (name, inputSchema, message) => {
    const steps = [{ id: 'pause', wait: { seconds: 1 } }];
    expect(await door('define_workflow', { name, inputSchema, steps })).toMatchObject({
      body: { created: true },
    });
    const input = { text: `${'a'.repeat(40)}!` };
    expect(await door('start_workflow', { workflow: name, input })).toMatchObject({
      code: 'workflow.input-invalid',
      body: { errors: [{ path: 'input', message }] },
    });
    expect(await door('list_services', {})).toMatchObject({ code: undefined });
  });

  it('is checked at once with an expression that would run for ever elsewhere', async () => {
    const inputSchema = { properties: { text: { type: 'string', pattern: '^(a+)+$' } } };
    const steps = [{ id: 'pause', wait: { seconds: 0 } }];
    await door('define_workflow', { name: 'endless', inputSchema, steps });
    const start = (text: string) => door('start_workflow', { workflow: 'endless', input: { text } });
    const refusals = await Promise.all(
      Array.from({ length: 10 }, (_, at) => start(`${'a'.repeat(5_000 + at)}!`)),
    );
    for (const refused of refusals)
      expect(refused).toMatchObject({
        code: 'workflow.input-invalid',
        body: { errors: [{ path: 'input.text', message: 'must match the pattern ^(a+)+$' }] },
      });
    expect((await start('aaaa')).code).toBeUndefined();
  });

  it.each([
    ['lookahead', '^(?=a)b'],
    ['lookbehind', '(?<!a)b'],
    ['a reference back', '(a)\\1'],
    ['a count over 1000', 'a{0,1001}'],
  ])('is refused when it is defined with %s', async (_what, pattern) => {
    const steps = [{ id: 'pause', wait: { seconds: 0 } }];
    for (const [place, inputSchema] of [
      ['properties.text.pattern', { properties: { text: { pattern } } }],
      [`patternProperties.${pattern}`, { patternProperties: { [pattern]: {} } }],
    ] as const)
      expect(await door('define_workflow', { name: 'bounded', inputSchema, steps })).toMatchObject({
        code: 'workflow.invalid',
        body: {
          errors: [
            {
              path: `inputSchema.${place}`,
              message: `is a regular expression that cannot be run in a bounded time: write it without lookaround, references back and counts over 1000`,
            },
          ],
        },
      });
    expect(
      await door('define_workflow', { name: 'bounded', inputSchema: { default: { pattern } }, steps }),
    ).toMatchObject({ code: undefined });
  });

  it('is refused when its schema is none, with the place', async () => {
    const inputSchema = { properties: { id: { $ref: 'https://schemas.example/id.json' } } };
    const steps = [{ id: 'pause', wait: { seconds: 1 } }];
    expect(await door('define_workflow', { name: 'fetches', inputSchema, steps })).toMatchObject({
      code: 'workflow.invalid',
      body: {
        errors: [
          {
            path: 'inputSchema.properties.id.$ref',
            message:
              'refers to https://schemas.example/id.json, which is not in the schema; nothing is fetched',
          },
        ],
      },
    });
  });
});

describe('the schema checker', () => {
  const nested = (depth: number): Record<string, unknown> => {
    let schema = {};
    for (let level = 0; level < depth; level++) schema = { not: schema };
    return schema;
  };

  it('survives a schema of any depth', async () => {
    const { schemaFaults, valueFaults } = await loadSchemaChecker();
    expect(schemaFaults(nested(20_000)).errors).toEqual([
      { path: '', message: 'cannot be read: it is nested too deeply, or refers to itself without end' },
    ]);
    expect(valueFaults(nested(20_000), 1)).toEqual({ errors: [{ path: '', message: tooDeep }] });
    expect(schemaFaults(nested(200)).errors).toEqual([]);
  });

  it('does not check with what is no schema', async () => {
    const { valueFaults } = await loadSchemaChecker();
    expect(valueFaults({ properties: { id: { type: 'text' } } }, {})).toEqual({
      errors: [
        {
          path: '',
          message:
            'cannot be checked: its schema is none: properties.id.type: must be one of array, boolean, integer, null, number, object, string, or a list of some',
        },
      ],
    });
  });
});
