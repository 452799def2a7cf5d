/** A definition is readable by everybody who may see the workflow: credentials are refused when it is defined. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { doors, rest } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';

let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem();
  const shop = { transport: 'rest', url: 'http://127.0.0.1:1' };
  await rest(system.endpoints, ['PUT', '/v1/services/shop'], { body: shop });
}, 60_000);

afterAll(() => system?.close());

const advice =
  'holds a credential, and a definition may not: whoever may read the workflow would read it. Name where it is kept in authReference of the registration, and every call of the service carries it';

describe.each(doors)('a header of a definition over $door', ({ open }) => {
  const door: ReturnType<typeof open> = (operation, input) => open(system.endpoints)(operation, input);
  const workflow = (request: object) => ({
    name: 'secretive',
    steps: [{ id: 'order', call: { service: 'shop', request: { method: 'GET', path: '/', ...request } } }],
  });
  const errorsOf = async (headers: unknown): Promise<unknown> =>
    (await door('validate_workflow_definition', workflow({ headers }))).body['errors'];

  it.each([
    ['Authorization', 'Bearer abc'],
    ['authorization', '{% $input.token %}'],
    ['Cookie', 'session=1'],
    ['Proxy-Authorization', 'Basic abc'],
    ['X-Api-Key', 'abc'],
    ['X-Auth-Token', "{% 'abc' %}"],
  ])('%s with the value %s is refused, with what to do', async (name, value) => {
    const path = `steps[0].call.request.headers.${name}`;
    expect(await errorsOf({ [name]: value })).toEqual([{ path, message: `${name} ${advice}` }]);
  });

  it('is refused when an expression makes it', async () => {
    expect(await errorsOf("{% { 'X-Tenant': 'a', 'Authorization': 'Bearer ' & $input.token } %}")).toEqual([
      { path: 'steps[0].call.request.headers', message: `Authorization ${advice}` },
    ]);
    expect(await errorsOf("{% $merge([$input.headers, { 'cookie': $input.session }]) %}")).toEqual([
      { path: 'steps[0].call.request.headers', message: `cookie ${advice}` },
    ]);
  });

  it.each([
    ['Host', 'example.org', 'Host: this header may not be set by a workflow'],
    ['X-Forwarded-For', '{% $input.ip %}', 'X-Forwarded-For: this header may not be set by a workflow'],
    ['Content-Type', 'text/xml', 'is the text "text/xml", expected a type of JSON: a body is sent as JSON'],
    [
      'X-Name',
      'grün',
      'has "ü" (U+00FC) at position 2, and a header is sent as printable ASCII; encode it, as with $encodeUrlComponent',
    ],
    ['X-Name', ['a'], 'is an array of 1: ["a"], expected text, a number, true or false'],
  ])(
    '%s with the value %j is refused when it is defined, as it would be when it is sent',
    async (name, value, message) => {
      expect(await errorsOf({ [name]: value })).toEqual([
        { path: `steps[0].call.request.headers.${name}`, message },
      ]);
    },
  );

  it('that a service has for itself is taken', async () => {
    expect(
      await errorsOf({ 'X-Tenant': 'a', Accept: 'application/json', 'If-Match': '{% $input.tag %}' }),
    ).toEqual([]);
    expect(await errorsOf('{% $input.headers %}')).toEqual([]);
  });

  it('is neither stored nor applied', async () => {
    const refused = workflow({ headers: { Authorization: 'Bearer abc' } });
    expect(await door('define_workflow', refused)).toMatchObject({ code: 'workflow.invalid' });
    const found = await door('get_workflow_definition', { name: 'secretive' });
    expect(found.code).toBe('workflow.not-found');
    const planned = await door('plan_manifest', { manifest: { workflows: [refused] } });
    expect(planned).toMatchObject({
      code: 'workflow.invalid',
      body: { errors: [{ path: 'workflows[0].steps[0].call.request.headers.Authorization' }] },
    });
  });

  it('has its like elsewhere, which is warned of', async () => {
    const { body } = await door(
      'validate_workflow_definition',
      workflow({ query: { api_key: 'abc', token: '{% $input.token %}' }, headers: {} }),
    );
    expect(body).toEqual({
      valid: true,
      errors: [],
      warnings: [
        {
          path: 'steps[0].call.request.query.api_key',
          message:
            'looks like a credential, and whoever may read the workflow would read it; take it from "$input", or leave it to the service',
        },
      ],
    });
  });
});
