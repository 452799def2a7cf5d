import { request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { DrivenStart, Driver } from '../../../src/instances/driver.ts';
import { contextOf, startCaller, valueAnswered } from '../transport/peer.ts';
import { type ProcessSubject, processSubject } from './process-subject.ts';

const within = { timeout: 10_000, interval: 25 };
const server = fileURLToPath(new URL('./stdio-server.mjs', import.meta.url));
const Text = z.object({ result: z.object({ content: z.tuple([z.object({ text: z.string() })]) }) });

describe.runIf(process.platform !== 'win32')('an MCP service that speaks stdio', () => {
  let subject: ProcessSubject;
  let driver: Driver;
  let start: DrivenStart;
  let url: string;

  beforeEach(async () => {
    subject = await processSubject();
    driver = subject.open();
    start = stdio('bridged');
    url = (await driver.start(start)).url ?? '';
  });
  afterEach(async () => {
    driver.close?.();
    await subject.close();
  });

  const stdio = (
    name: string,
    settings: Record<string, unknown> = {},
    version = '2025-06-18',
  ): DrivenStart => {
    const one = subject.program(name, 'nothing');
    const command = [process.execPath, server, version, subject.dataDir];
    return { ...one, transport: 'mcp', settings: { command, ...settings } };
  };

  const post = (body: string, init: RequestInit = {}): Promise<Response> =>
    fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body, ...init });
  const call = (name: string, args: object = {}, id: string | number = 1): string =>
    JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: args } });
  const said = async (answer: Promise<Response>): Promise<string> =>
    Text.parse(await (await answer).json()).result.content[0].text;
  const holding = async () => JSON.parse(await said(post(call('holding'))));

  it('is called by the orchestrator over HTTP, at /mcp, without a handshake of its own', async () => {
    expect(new URL(url).pathname).toBe('/mcp');
    const target = { service: 'scripted', transport: 'mcp' as const, url };
    const toCall = { service: 'scripted', tool: 'holding', arguments: {} };
    const value = await valueAnswered(startCaller().call(target, toCall, contextOf({})));
    expect(value).toEqual({ held: 0, cancelled: [], greetings: 1 });
  });

  it('answers many calls at the same time, each under its own id, whatever the order', async () => {
    const names = ['a', 'b', 'c'];
    const held = names.map(async (name) => (await post(call('hold', { name }, name))).json());
    await expect.poll(holding, within).toMatchObject({ held: 3 });
    expect(await said(post(call('release', {}, 'a')))).toBe('all');
    expect(await Promise.all(held)).toEqual([
      { jsonrpc: '2.0', id: 'a', result: { content: [{ type: 'text', text: 'released a' }] } },
      { jsonrpc: '2.0', id: 'b', result: { content: [{ type: 'text', text: 'released b' }] } },
      { jsonrpc: '2.0', id: 'c', result: { content: [{ type: 'text', text: 'released c' }] } },
    ]);
  });

  it('gets and gives what was written: numbers, order and all', async () => {
    const body =
      '{"params": {"name": "line", "arguments": {"n": 12345678901234567890, "id": 5}},\n "id": 18446744073709551615, "jsonrpc": "2.0", "method": "tools/call"}';
    const answer = await (await post(body)).text();
    expect(answer).toContain('"id":18446744073709551615');
    expect(Text.parse(JSON.parse(answer)).result.content[0].text).toMatch(
      /^\{"params": \{"name": "line", "arguments": \{"n": 12345678901234567890, "id": 5\}\}, {2}"id": \d+, "jsonrpc": "2\.0", "method": "tools\/call"\}$/,
    );
    expect(await (await post(call('number', {}, 'x'))).text()).toBe(
      '{"jsonrpc": "2.0", "result": {"id": 9, "structuredContent": {"big": 12345678901234567890}}, "id": "x"}',
    );
  });

  it('is greeted once; each client is answered what it said, without what needs a stream', async () => {
    const initialize = async (protocolVersion: string) =>
      (
        await post(
          JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params: { protocolVersion } }),
        )
      ).json();
    const result = {
      protocolVersion: '2025-06-18',
      capabilities: { tools: {}, resources: {} },
      serverInfo: { name: 'scripted', version: '1' },
    };
    expect(await initialize('2025-11-25')).toEqual({ jsonrpc: '2.0', id: 0, result });
    expect(await initialize('2024-11-05')).toMatchObject({ result: { protocolVersion: '2024-11-05' } });
    expect(await holding()).toMatchObject({ greetings: 1 });
    const ping = await (await post('{"jsonrpc":"2.0","id":"p","method":"ping"}')).json();
    expect(ping).toEqual({ jsonrpc: '2.0', id: 'p', result: {} });
  });

  it('is told when a caller hangs up', async () => {
    const gone = new AbortController();
    const lost = post(call('hold', { name: 'a' }), { signal: gone.signal });
    await expect.poll(holding, within).toMatchObject({ held: 1 });
    gone.abort();
    await expect(lost).rejects.toThrow();
    await expect.poll(holding, within).toMatchObject({ held: 0, cancelled: ['Nobody waits for it'] });
  });

  it('may write what is no message: it goes to the log, with what it says on stderr', async () => {
    expect(await said(post(call('garbage')))).toBe('said all the same');
    await expect
      .poll(() => driver.logs(start, 10), within)
      .toEqual(['it reads', 'this is no message', '{"half": ', '[1, 2]']);
  });

  it('gets an answer to what it asks its client, which offers nothing but a ping', async () => {
    expect(JSON.parse(await said(post(call('ask', { method: 'ping' }))))).toEqual({});
    expect(JSON.parse(await said(post(call('ask', { method: 'sampling/createMessage' }))))).toEqual({
      code: -32601,
      message: 'Nobody offers sampling/createMessage here',
    });
  });

  it('dies: what is under way is answered at once, and the death is told', async () => {
    const held = post(call('hold', { name: 'a' }, 'h'));
    await expect.poll(holding, within).toMatchObject({ held: 1 });
    const fatal = post(call('die', {}, 'd'));
    for (const [id, answer] of [
      ['h', await held],
      ['d', await fatal],
    ] as const) {
      expect(answer.status).toBe(502);
      expect(await answer.json()).toEqual({
        jsonrpc: '2.0',
        id,
        error: { code: -32000, message: 'The server ended with code 7' },
      });
    }
    await expect
      .poll(() => driver.describe(start), within)
      .toMatchObject({
        state: 'EXITED',
        exit: { how: 'with code 7', lastLines: ['it reads'] },
      });
  });

  it('that is no MCP server ends, and its last lines say why', async () => {
    const strange = stdio('strange', {
      command: [
        process.execPath,
        '-e',
        `
      process.stdin.on('data', () => console.log('{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"what?"}}'));
    `,
        subject.dataDir,
      ],
    });
    await driver.start(strange);
    await expect
      .poll(() => driver.describe(strange), within)
      .toMatchObject({
        state: 'EXITED',
        exit: {
          how: 'by SIGTERM',
          lastLines: ['It refused to initialize: {"code":-32601,"message":"what?"}'],
        },
      });
  });

  it.each([
    ['GET', {}, 405],
    ['DELETE', {}, 405],
    ['POST', { 'content-type': 'text/plain' }, 415],
    ['POST', { host: 'evil.example' }, 403],
    ['POST', { origin: 'http://evil.example' }, 403],
    ['POST', { origin: 'http://localhost:3000' }, 200],
  ])('answers %s with %j by %i', async (method, headers, status) => {
    const answer = await exchange(
      method,
      url,
      { 'content-type': 'application/json', ...headers },
      call('holding'),
    );
    expect(answer).toBe(status);
  });

  it('answers what is no request: 202 to a notice, 400 to what is no message, 413 to what is too large', async () => {
    const notice = await post('{"jsonrpc":"2.0","method":"notifications/initialized"}');
    expect([notice.status, await notice.text()]).toEqual([202, '']);
    expect((await post('{"jsonrpc":"2.0",')).status).toBe(400);
    expect((await post('[]')).status).toBe(400);
    expect((await post(call('line', { text: 'x'.repeat(8 * 1_048_576) }))).status).toBe(413);
    expect((await fetch(`${url}/other`, { method: 'POST' })).status).toBe(404);
    expect(await holding()).toMatchObject({ greetings: 1 });
  });

  it('is called where its settings say: another path, a port of its own', async () => {
    const moved = stdio('moved', { path: '/tools', protocol: 'stdio' });
    const found = await driver.start(moved);
    expect(new URL(found.url ?? '').pathname).toBe('/tools');
    const { port } = new URL(found.url ?? '');
    await driver.stop(moved);
    await expect.poll(async () => (await driver.describe(moved)).state, within).toBe('EXITED');
    const ported = await driver.start(stdio('ported', { port: Number(port), protocol: 'stdio' }));
    expect(ported.url).toBe(`http://127.0.0.1:${port}/mcp`);
    await expect(driver.start(stdio('again', { port: Number(port), protocol: 'stdio' }))).rejects.toThrow(
      `Service clock cannot be started here: port ${port} is taken by another program`,
    );
  });
});

/** The status of an answer; unlike fetch it sends any host and origin. */
const exchange = (
  method: string,
  url: string,
  headers: Record<string, string>,
  body: string,
): Promise<number> =>
  new Promise((resolve, reject) => {
    const sent = request(url, { method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.once('error', reject);
    sent.end(method === 'POST' ? body : undefined);
  });
