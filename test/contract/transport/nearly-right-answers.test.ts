/** Answers that are nearly right, as services of other languages and habits send them, over real HTTP. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { readCatalogue } from '../../../src/registry/tools/read-catalogue.ts';
import { startDeadline } from '../../../src/transport/deadline.ts';
import { createEgress } from '../../../src/transport/egress.ts';
import { createMcpPeer } from '../../../src/transport/mcp/mcp-peer.ts';
import type { ServiceCaller } from '../../../src/transport/service-caller.ts';
import {
  answerJson,
  contextOf,
  failureOf,
  type Received,
  startCaller,
  startPeer,
  valueAnswered,
} from './peer.ts';

const idOf = ({ body }: Received) => z.object({ id: z.number() }).parse(JSON.parse(body)).id;

const callTool = (caller: ServiceCaller, url: string) =>
  valueAnswered(
    caller.call(
      { service: 'graph', transport: 'mcp', url },
      { service: 'graph', tool: 'read', arguments: {} },
      contextOf(),
    ),
  );

const callRest = (caller: ServiceCaller, url: string) =>
  valueAnswered(
    caller.call(
      { service: 'notify', transport: 'rest', url },
      { service: 'notify', request: { method: 'GET', path: '/read' } },
      contextOf(),
    ),
  );

const nulls = { _meta: null, isError: null, structuredContent: null };

describe('an answer of an MCP service with null for what is not there', () => {
  it.each<[string, object, unknown]>([
    ['an error', { result: { content: [{ type: 'text', text: 'x' }] }, error: null }, 'x'],
    ['a method', { result: { content: [] }, method: null, params: null }, null],
    ['the other members of a result', { result: { content: [{ type: 'text', text: 'x' }], ...nulls } }, 'x'],
    [
      'content beside structured content',
      { result: { content: null, structuredContent: { a: 1 } } },
      { a: 1 },
    ],
    ['content alone', { result: { content: null } }, null],
    [
      'what FastMCP says',
      { result: { structuredContent: { result: 1 }, _meta: { fastmcp: null } } },
      { result: 1 },
    ],
    [
      'the text of a block',
      { result: { content: [{ type: 'image', text: null, data: 'AA==' }] } },
      [{ type: 'image', text: null, data: 'AA==' }],
    ],
    [
      'the members of a text',
      { result: { content: [{ type: 'text', text: 'x', annotations: null, mimeType: null, _meta: null }] } },
      'x',
    ],
  ])('is taken without it: %s', async (_name, answer, value) => {
    const peer = await startPeer((request, response) =>
      answerJson(response, { jsonrpc: '2.0', id: idOf(request), ...answer }),
    );
    expect(await callTool(startCaller(), peer.url)).toEqual(value);
  });

  it('is the failure that it is where the result is null', async () => {
    const peer = await startPeer((request, response) =>
      answerJson(response, {
        jsonrpc: '2.0',
        id: idOf(request),
        result: null,
        error: { code: -32601, message: null },
      }),
    );
    expect((await failureOf(callTool(startCaller(), peer.url))).code).toBe('service.tool-not-found');
  });

  it.each([
    ['a text', 'the mailbox is locked'],
    ['without a code', { message: 'the mailbox is locked' }],
    ['with a code of text', { code: '-32000', message: 'the mailbox is locked' }],
  ])('may have an error that is %s', async (_name, error) => {
    const peer = await startPeer((request, response) =>
      answerJson(response, { jsonrpc: '2.0', id: idOf(request), error }),
    );
    const failure = await failureOf(callTool(startCaller(), peer.url));
    expect(failure.code).toBe('service.failed');
    expect(failure.message).toContain('the mailbox is locked');
  });

  it('may have its id as text', async () => {
    const peer = await startPeer((request, response) =>
      answerJson(response, { jsonrpc: '2.0', id: String(idOf(request)), result: { content: [] } }),
    );
    expect(await callTool(startCaller(), peer.url)).toBeNull();
  });
});

const encodings: readonly (readonly [string, string, (text: string) => Buffer])[] = [
  ['UTF-8', 'utf-8', (text) => Buffer.from(text)],
  ['UTF-8 without a word', '', (text) => Buffer.from(text)],
  ['UTF-8 with a mark', '"UTF-8"', (text) => Buffer.from(`\uFEFF${text}`)],
  ['UTF-8 with another charset said and a mark', 'latin1', (text) => Buffer.from(`\uFEFF${text}`)],
  ['ISO-8859-1', 'ISO-8859-1', (text) => Buffer.from(text, 'latin1')],
  ['UTF-16 with a mark', '', (text) => Buffer.from(`\uFEFF${text}`, 'utf16le')],
  ['UTF-16, big end first', '', (text) => Buffer.from(`\uFEFF${text}`, 'utf16le').swap16()],
  ['UTF-16LE', 'utf-16le', (text) => Buffer.from(text, 'utf16le')],
  ['a charset that nobody knows', 'x-none', (text) => Buffer.from(text)],
];
const typeOf = (type: string, charset: string) => (charset === '' ? type : `${type}; charset=${charset}`);

describe.each(encodings)('an answer in %s', (_name, charset, encode) => {
  it('is JSON of a REST service', async () => {
    const peer = await startPeer((_request, response) =>
      response
        .writeHead(200, { 'content-type': typeOf('application/json', charset) })
        .end(encode('{"word":"grün"}')),
    );
    expect(await callRest(startCaller(), peer.url)).toEqual({ word: 'grün' });
  });

  it('is an event stream, whatever ends its lines and wherever it is cut', async () => {
    const peer = await startPeer(async (request, response) => {
      const { lineEnd, cut, last } = shape;
      const answer = { jsonrpc: '2.0', id: idOf(request), result: { structuredContent: { word: 'grün' } } };
      const lines = ['event: message', 'id: 1', `data: ${JSON.stringify(answer)}`];
      const bytes = encode(lines.join(lineEnd) + lineEnd.repeat(last));
      response.writeHead(200, { 'content-type': typeOf('text/event-stream', charset) });
      for (let at = 0; at < bytes.length; at += cut) {
        response.write(bytes.subarray(at, at + cut));
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (last < 2) response.end();
    });
    const caller = startCaller();
    let shape = { lineEnd: '\n', cut: 1_000, last: 2 };
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.integer({ min: 1, max: 70 }),
        // Whether the empty line that ends the event is there; the stream is left open then.
        fc.constantFrom(2, 1, 0),
        async (lineEnd, cut, last) => {
          shape = { lineEnd, cut, last };
          expect(await callTool(caller, peer.url)).toEqual({ word: 'grün' });
        },
      ),
      { numRuns: 15 },
    );
  });
});

describe('a correct answer', () => {
  const members = [
    '_meta',
    'isError',
    'structuredContent',
    'content',
    'error',
    'method',
    'annotations',
    'extra',
  ];
  const block = fc.record({ type: fc.constant('text'), text: fc.string().map((text) => `text ${text}`) });
  const result = fc.oneof(
    fc.record({ structuredContent: fc.dictionary(fc.string(), fc.jsonValue()) }),
    fc.record({ content: fc.array(block, { minLength: 1, maxLength: 3 }) }),
  );

  /** The same with null for members that are not there, at every level but inside values. */
  function withNulls(value: Record<string, unknown>, added: readonly string[]): Record<string, unknown> {
    const missing = Object.fromEntries(added.map((name) => [name, null]));
    const content = Array.isArray(value['content'])
      ? { content: value['content'].map((one: object) => ({ ...missing, ...one })) }
      : {};
    return { ...missing, ...value, ...content };
  }

  it('has the same value whatever is null in it', async () => {
    let sent: { answer: object; added: readonly string[] } = { answer: {}, added: [] };
    const peer = await startPeer((request, response) => {
      const { answer, added } = sent;
      const message = { jsonrpc: '2.0', id: idOf(request), result: withNulls({ ...answer }, added) };
      const { result: _left, ...envelope } = Object.fromEntries(added.map((name) => [name, null]));
      answerJson(response, { ...envelope, ...message });
    });
    const caller = startCaller();
    await fc.assert(
      fc.asyncProperty(result, fc.subarray(members), async (answer, added) => {
        sent = { answer, added: [] };
        const plain = await callTool(caller, peer.url);
        sent = {
          answer,
          added: 'structuredContent' in answer ? added : added.filter((name) => name !== 'content'),
        };
        const nearly = await callTool(caller, peer.url);
        // Blocks are handed on as they were sent.
        const isBlocks = 'content' in answer && answer.content.length > 1;
        expect(
          isBlocks ? z.array(z.object({ type: z.string(), text: z.string() })).parse(nearly) : nearly,
        ).toEqual(plain);
      }),
      { numRuns: 100 },
    );
  });
});

describe('a list of tools', () => {
  async function catalogueOf(pages: Readonly<Record<string, object>>) {
    const asked: unknown[] = [];
    const peer = await startPeer((request, response) => {
      const { id, method, params } = z
        .object({
          id: z.number(),
          method: z.string(),
          params: z.looseObject({ cursor: z.unknown().optional() }).optional(),
        })
        .parse(JSON.parse(request.body));
      asked.push(params?.cursor);
      const list = method.split('/')[0] ?? '';
      const result = method === 'tools/list' ? pages[String(params?.cursor ?? 'first')] : { [list]: null };
      answerJson(response, { jsonrpc: '2.0', id, result, error: null });
    });
    const egress = createEgress({ policy: { allowedNetworks: ['127.0.0.0/8'] } });
    const bounds = { subject: 'Service graph', deadline: startDeadline(5_000) };
    const catalogue = await readCatalogue(createMcpPeer(egress), new URL(`${peer.url}/mcp`), bounds);
    egress.close();
    return { catalogue, asked };
  }

  it.each([null, '', 7])('ends at the cursor %j', async (nextCursor) => {
    const { catalogue, asked } = await catalogueOf({ first: { tools: [{ name: 'read' }], nextCursor } });
    expect(catalogue).toEqual({ tools: [{ name: 'read' }], resources: [], prompts: [], warnings: [] });
    expect(asked).toEqual([undefined, undefined, undefined]);
  });

  it('keeps the hints that are right beside those that are not', async () => {
    const annotations = { readOnlyHint: true, destructiveHint: null, idempotentHint: 'yes', title: null };
    const { catalogue } = await catalogueOf({
      first: { tools: [{ name: 'read', title: null, description: null, outputSchema: null, annotations }] },
    });
    expect(catalogue.tools).toEqual([{ name: 'read', annotations: { readOnlyHint: true } }]);
  });
});
