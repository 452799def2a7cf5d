/**
 * Risk: what a service answers ends as a fault of ours. Correct answers with something wrong in them, bytes that are
 * none, other content types and status codes: for a call, for a step, and for what a service says of itself.
 * @module-tag long
 */
import type { ServerResponse } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type Door, restDoor, runToEnd } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { type ScriptedService, startScriptedService } from '../system/scripted-service.ts';
import { hostileText, hostileVariant, mangled } from './hostile-input.ts';

/** What goes back for one request: bytes for the body, perhaps less of them than were announced. */
interface OddAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly cutAfter: number | undefined;
}

const runs = 3;

let system: TestSystem;
let service: ScriptedService;
let api: Door;
/** By the number that a request names. */
let answers: readonly OddAnswer[] = [];

const Asked = z.looseObject({
  id: z.unknown().optional(),
  params: z
    .looseObject({ arguments: z.looseObject({ nth: z.number() }).optional() })
    .nullish()
    .catch(undefined),
});

/** Stands for the id of the request in an answer of an MCP service. */
const idToken = '"(id)"';

function send(response: ServerResponse, { status, headers, text, cutAfter }: OddAnswer, id: unknown): void {
  const bytes = Buffer.from(text.replaceAll(idToken, JSON.stringify(id ?? null)));
  const length = { 'content-length': String(bytes.length) };
  response.writeHead(status, { ...headers, ...(cutAfter !== undefined && length) });
  if (cutAfter === undefined) response.end(bytes);
  else response.write(bytes.subarray(0, cutAfter), () => response.destroy());
}

beforeAll(async () => {
  service = await startScriptedService(({ path, body }, response) => {
    const asked = Asked.safeParse(body).data;
    const inPath = /^\/odd\/(\d+)$/.exec(path)?.[1];
    const nth = inPath === undefined ? asked?.params?.arguments?.nth : Number(inPath);
    const answer = answers[nth ?? 0];
    if (answer === undefined) response.writeHead(404).end();
    else send(response, answer, asked?.id);
  });
  system = await startTestSystem();
  api = restDoor(system.endpoints);
}, 60_000);

afterAll(async () => {
  await system.close();
  await service.close();
});

const blocks = fc.constantFrom<unknown>(
  { type: 'text', text: 'x' },
  { type: 'text', text: '{"a": [1, 2.50, 1972435959496572928]}' },
  { type: 'image', data: 'AA==', mimeType: 'image/png' },
  { type: 'resource', resource: { uri: 'a:b', text: 'x' } },
  { type: 'resource_link', uri: 'a:b', name: 'b' },
);
const toolResult = fc.record(
  {
    content: fc.array(blocks, { maxLength: 3 }),
    structuredContent: fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { noNullPrototype: true }),
    isError: fc.boolean(),
    _meta: fc.constant({ 'a/b': 1 }),
  },
  { requiredKeys: ['content'] },
);
const tool = {
  name: 'read',
  description: 'x',
  inputSchema: { type: 'object', properties: { a: { type: 'number' } } },
};
const result = fc.oneof(
  toolResult,
  fc.constant({
    tools: [{ ...tool, annotations: { readOnlyHint: true }, outputSchema: { type: 'object' } }],
    nextCursor: 'a',
  }),
);
const message = fc.oneof(
  { weight: 4, arbitrary: result.map((right) => ({ jsonrpc: '2.0', id: '(id)', result: right })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      { jsonrpc: '2.0', id: '(id)', error: { code: -32602, message: 'no', data: { a: [1] } } },
      { jsonrpc: '2.0', id: '(id)', error: { code: -32601, message: 'no' } },
    ),
  },
);
const problem = {
  type: 'about:blank',
  title: 'No',
  status: 409,
  detail: 'no',
  code: 'a.b',
  errors: [{ path: 'a' }],
};
const restBody = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constant(problem),
  fc.constant({ error: { code: 1, message: 'x' } }),
);

const pieces = [
  '{',
  '}',
  '"',
  '\\',
  '\\ud800',
  '[[[[',
  '1e999',
  '-',
  '00',
  ',',
  ':',
  'null',
  '\u0000',
  '\uFEFF',
  '"__proto__":',
  '\n\n',
  'data:',
  '\r',
  'id:',
];
const longNumber = fc.constantFrom(
  '9'.repeat(400),
  `1e${'9'.repeat(30)}`,
  '-1e-400',
  `0.${'1'.repeat(5_000)}`,
);
const textOf = (right: fc.Arbitrary<unknown>): fc.Arbitrary<string> => {
  const written = right.map((value) => hostileText(value));
  return fc.oneof(
    { weight: 2, arbitrary: written },
    { weight: 6, arbitrary: right.chain((value) => hostileVariant(value)).map(hostileText) },
    { weight: 4, arbitrary: mangled(written, pieces) },
    {
      weight: 1,
      arbitrary: fc.tuple(written, longNumber).map(([text, number]) => text.replace(/\d+|"x"/, number)),
    },
    { weight: 1, arbitrary: fc.constantFrom('', ' ', 'null', '[]', '{}', '<html>', '"\ud800"', '[1, 2') },
  );
};

const types = [
  'application/json',
  'application/json; charset=utf-16le',
  'application/problem+json',
  'text/event-stream',
  'text/event-stream; charset="',
  'text/plain',
  'text/html; charset=x-none',
  'application/octet-stream',
  'image/png',
  ';;;',
  '',
];
const statuses = [
  100, 101, 103, 199, 201, 202, 204, 205, 206, 226, 299, 300, 304, 308, 400, 401, 404, 409, 413, 418, 422,
  429, 451, 499, 500, 501, 503, 599, 600, 799, 999,
].filter(
  // A provisional answer is followed by another, which Node's server does not send.
  (status) => status >= 200,
);
const oddHeaders = fc.constantFrom<Record<string, string>>(
  {},
  { 'retry-after': '-1' },
  { 'retry-after': '9'.repeat(400) },
  { 'retry-after': 'Fri, 31 Feb 2026 25:61:61 GMT' },
  { 'mcp-session-id': 'x'.repeat(3_000) },
  { 'content-encoding': 'gzip' },
  { 'content-encoding': 'unknown, br' },
  { location: 'http://[' },
  { etag: '"'.repeat(50) },
);

const oddAnswer = (right: fc.Arbitrary<unknown>): fc.Arbitrary<OddAnswer> =>
  fc
    .record({
      text: textOf(right),
      type: fc.oneof(
        { weight: 3, arbitrary: fc.constant('application/json') },
        { weight: 2, arbitrary: fc.constantFrom(...types) },
      ),
      status: fc.oneof(
        { weight: 4, arbitrary: fc.constant(200) },
        { weight: 1, arbitrary: fc.constantFrom(...statuses) },
      ),
      more: fc.oneof({ weight: 4, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: oddHeaders }),
      cutAfter: fc.oneof(
        { weight: 8, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: fc.nat(60) },
      ),
      isStream: fc.boolean(),
    })
    .map(({ text, type, status, more, cutAfter, isStream }) => ({
      status,
      headers: { ...(type !== '' && { 'content-type': type }), ...more },
      text: type.startsWith('text/event-stream') && isStream ? `event: message\ndata: ${text}\n\n` : text,
      cutAfter,
    }));

const kinds = [
  { transport: 'mcp', right: message, call: (nth: number) => ({ tool: 'read', arguments: { nth } }) },
  {
    transport: 'rest',
    right: restBody,
    call: (nth: number) => ({ request: { method: 'GET', path: `/odd/${nth}` } }),
  },
] as const;

/** Each answer comes from a service of its own, so that no breaker keeps the next from being called. */
const together = 20;
let named = 0;
const newName = () => {
  named += 1;
  return `odd-${named}`;
};

async function registered(transport: string): Promise<string> {
  const name = newName();
  const path = transport === 'mcp' ? '/mcp' : '';
  const answer = await api('register_service', { name, transport, url: `${service.url}${path}` });
  expect(answer.code).toBeUndefined();
  return name;
}

const ofTheService = /^(?:service\.[a-z-]+|step\.result-too-large)$/;

function expectOfTheService(code: string | undefined): void {
  if (code !== undefined) expect(code).toMatch(ofTheService);
}

describe.each(kinds)('whatever a $transport service answers', ({ transport, right, call }) => {
  const many = fc.array(oddAnswer(right), { minLength: together, maxLength: together });

  it('calls and steps have a value, or say what is wrong with the service', async () => {
    await fc.assert(
      fc.asyncProperty(many, async (sent) => {
        answers = sent;
        const names = await Promise.all(sent.map(() => registered(transport)));
        const called = await Promise.all(
          names.map((name, nth) => api('call_service', { service: name, ...call(nth) })),
        );
        for (const { code } of called) expectOfTheService(code);
        const workflow = newName();
        const branches = names.map((name, nth) => [
          {
            id: `s${nth}`,
            call: { service: name, ...call(nth) },
            ...(nth % 2 === 0 && { select: '{% $result %}' }),
            onFailure: 'continue',
          },
        ]);
        const defined = await api('define_workflow', {
          name: workflow,
          steps: [{ id: 'all', parallel: branches }],
        });
        expect(defined.code).toBeUndefined();
        const { status, error, steps } = await runToEnd(api, workflow);
        expect({ status, error }).toEqual({ status: 'SUCCEEDED', error: undefined });
        for (const { attempts, error: failure } of steps)
          for (const code of [failure?.code, ...attempts.map((attempt) => attempt.error?.code)])
            expectOfTheService(code);
      }),
      { numRuns: runs, endOnFailure: true },
    );
  }, 60_000);

  it('its tools are listed, or it is said what is wrong with it', async () => {
    await fc.assert(
      fc.asyncProperty(oddAnswer(right), async (sent) => {
        answers = [sent];
        const name = await registered(transport);
        expectOfTheService((await api('refresh_service', { name })).code);
        expectOfTheService((await api('list_service_tools', { name })).code);
      }),
      { numRuns: 3 * runs, endOnFailure: true },
    );
  }, 60_000);
});
