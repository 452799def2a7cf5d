/** What is read of MCP endpoints, honest and hostile ones, over real HTTP. */
import { afterEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { readCatalogue } from '../../../src/registry/tools/read-catalogue.ts';
import { startDeadline } from '../../../src/transport/deadline.ts';
import { createEgress, type Egress } from '../../../src/transport/egress.ts';
import { createMcpPeer } from '../../../src/transport/mcp/mcp-peer.ts';
import { json, type ScriptedService, startScriptedService } from '../../system/scripted-service.ts';

const Message = z.looseObject({
  id: z.number(),
  method: z.string(),
  params: z.looseObject({ cursor: z.string().optional() }),
});

let service: ScriptedService;
let egress: Egress;

afterEach(async () => {
  egress.close();
  await service.close();
});

type Answering = (method: string, cursor: string | undefined) => object | undefined;

/** Answers each list with what the test says; undefined: there is no such method. */
async function read(answering: Answering, boundMs = 5_000) {
  service = await startScriptedService(({ body }, response) => {
    const { id, method, params } = Message.parse(body);
    const result = answering(method, params.cursor);
    if (result === undefined)
      return json(response, { jsonrpc: '2.0', id, error: { code: -32601, message: 'Method not found' } });
    return json(response, { jsonrpc: '2.0', id, result });
  });
  egress = createEgress({ policy: { allowedNetworks: ['127.0.0.0/8'] } });
  const bounds = { subject: 'Service hostile', deadline: startDeadline(boundMs) };
  return readCatalogue(createMcpPeer(egress), new URL(`${service.url}/mcp`), bounds);
}

const onlyTools =
  (tools: unknown, more: object = {}): Answering =>
  (method) =>
    method === 'tools/list' ? { tools, ...more } : undefined;

describe('a catalogue', () => {
  it('holds the tools of all pages, resources and prompts', async () => {
    const catalogue = await read((method, cursor) => {
      if (method === 'resources/list') return { resources: [{ uri: 'mail://inbox', name: 'Inbox' }] };
      if (method === 'prompts/list') return { prompts: [{ name: 'greet', arguments: [{ name: 'who' }] }] };
      return cursor === 'two'
        ? { tools: [{ name: 'second', inputSchema: { type: 'object' } }] }
        : { tools: [{ name: 'first', annotations: { readOnlyHint: true } }], nextCursor: 'two' };
    });
    expect(catalogue).toEqual({
      tools: [
        { name: 'first', annotations: { readOnlyHint: true } },
        { name: 'second', inputSchema: { type: 'object' } },
      ],
      resources: [{ uri: 'mail://inbox', name: 'Inbox' }],
      prompts: [{ name: 'greet', arguments: [{ name: 'who' }] }],
      warnings: [],
    });
  });

  it('of an endpoint that knows neither resources nor prompts has none, without a warning', async () => {
    const { resources, prompts, warnings } = await read(onlyTools([]));
    expect({ resources, prompts, warnings }).toEqual({ resources: [], prompts: [], warnings: [] });
  });

  it('leaves out what is no tool, a second tool of a name and a schema that is too large, and says so', async () => {
    const large = { type: 'object', description: 'x'.repeat(20_000) };
    const { tools, warnings } = await read(
      onlyTools([
        null,
        7,
        { name: 8 },
        { name: 'good', title: 9 },
        { name: 'good' },
        { name: 'big', inputSchema: large },
      ]),
    );
    expect(tools).toEqual([{ name: 'good' }, { name: 'big' }]);
    expect(warnings).toHaveLength(5);
    expect(warnings.join()).toMatch(/second one.*good.*input schema of big is larger than 16384 bytes/);
  });

  it('has at most 500 tools, and says that there are more', async () => {
    const many = Array.from({ length: 700 }, (_none, at) => ({ name: `tool-${at}` }));
    const { tools, warnings } = await read(onlyTools(many));
    expect(tools).toHaveLength(500);
    expect(warnings).toEqual(['Only the first 500 tools are kept']);
  });

  it('ends when the cursors go round in circles, or never end', async () => {
    const round = await read(onlyTools([{ name: 'one' }], { nextCursor: 'again' }));
    expect(round.tools).toEqual([{ name: 'one' }]);
    expect(round.warnings.join()).toContain('goes round in circles');
    await service.close();
    egress.close();
    let page = 0;
    const endless = await read((method) => {
      if (method !== 'tools/list') return undefined;
      page += 1;
      return { tools: [{ name: `page-${page}` }], nextCursor: `${page}` };
    });
    expect(endless.tools).toHaveLength(500);
    expect(endless.warnings).toEqual([
      'There are more tools than the 500 that were read: at most 500 are kept',
    ]);
  });

  it('goes on beyond twenty pages, as long as they bring something new', async () => {
    const pages = (last: number, toolsOf: (page: number) => object[]) =>
      read((method, cursor) => {
        if (method !== 'tools/list') return undefined;
        const page = Number(cursor ?? 1);
        return { tools: toolsOf(page), ...(page < last && { nextCursor: String(page + 1) }) };
      });
    const all = await pages(30, (page) => [{ name: `a-${page}` }, { name: `b-${page}` }]);
    expect(all.tools).toHaveLength(60);
    expect(all.warnings).toEqual([]);
    await service.close();
    egress.close();
    const empty = await pages(1_000, (page) => (page < 5 ? [{ name: `tool-${page}` }] : []));
    expect(empty.warnings).toEqual([
      'There are more tools than the 4 that were read: 20 pages in a row brought nothing new',
    ]);
    await service.close();
    egress.close();
    const large = await pages(1_000, (page) => [{ name: `tool-${page}`, x: 'x'.repeat(1_000_000) }]);
    expect(large.tools).toHaveLength(9);
    expect(large.warnings).toEqual([
      'There are more tools than the 9 that were read: at most 8388608 bytes of a list are read',
    ]);
  });

  it('of an endpoint that answers no list is refused, with the reason', async () => {
    await expect(read(onlyTools('none'))).rejects.toMatchObject({
      code: 'service.bad-response',
      message: 'Service hostile answered tools/list with something that is no list',
    });
  });

  it('takes no longer than its bound', async () => {
    service = await startScriptedService(() => undefined);
    egress = createEgress({ policy: { allowedNetworks: ['127.0.0.0/8'] } });
    const bounds = { subject: 'Service hostile', deadline: startDeadline(200) };
    await expect(readCatalogue(createMcpPeer(egress), new URL(service.url), bounds)).rejects.toMatchObject({
      code: 'service.timeout',
    });
  });
});
