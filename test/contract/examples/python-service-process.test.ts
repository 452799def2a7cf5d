/**
 * A service on Python FastMCP as a process: it starts, fails and ends as the TypeScript ones do.
 * @module-tag long
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { openMailbox } from '../../../examples/email/mailbox.ts';
import { present, type Skipped } from '../../system/on-demand.ts';
import { installedPython, pythonServicesBoundMs } from '../../system/python-services.ts';
import { connectTo } from './mcp-client.ts';

const Ready = z.object({ service: z.string(), listening: z.number(), url: z.url() });
const Listening = z.object({ listening: z.number() });

let found: { readonly interpreter: string } | Skipped;
let interpreter: string;
let folder: string;
let children: ChildProcess[] = [];

beforeAll(async () => {
  found = await installedPython();
}, pythonServicesBoundMs);
beforeEach(async (context) => {
  ({ interpreter } = present(found, context));
  folder = await mkdtemp(join(tmpdir(), 'python-service-'));
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  children = [];
  if (folder) await rm(folder, { recursive: true, force: true });
});

const program = (name: string): string =>
  fileURLToPath(new URL(`../../../examples/python/${name}.py`, import.meta.url));

const environment = (extra: Record<string, string>) => ({
  ...process.env,
  HOST: '',
  PORT: '0',
  GRAPH_FILE: join(folder, 'graph.json'),
  ...extra,
});

function run(name: string, extra: Record<string, string> = {}) {
  const child = spawn(interpreter, [program(name)], { env: environment(extra) });
  children.push(child);
  return child;
}

async function ready(child: ChildProcess): Promise<z.infer<typeof Ready>> {
  if (!child.stdout) throw new Error('no stdout');
  const [line] = await once(child.stdout, 'data', { signal: AbortSignal.timeout(15_000) });
  return Ready.parse(JSON.parse(String(line)));
}

const exitOf = async (child: ChildProcess): Promise<unknown> =>
  child.exitCode ?? (await once(child, 'exit', { signal: AbortSignal.timeout(15_000) }))[0];

async function textOf(stream: NodeJS.ReadableStream | null): Promise<string> {
  let text = '';
  for await (const chunk of stream ?? []) text += String(chunk);
  return text;
}

const addition = (id: string) => ({
  email: { id, from: { address: 'a@example.com' } },
  classification: { category: 'personal', score: 1 },
});

describe('a Python service as a process', () => {
  it('prints a JSON line with its port, and ends on SIGTERM with a call in flight', async () => {
    const child = run('gmail', { DELAY_MS: '60000' });
    const { service, listening, url } = await ready(child);
    expect([service, url]).toEqual(['gmail', `http://127.0.0.1:${listening}`]);
    const client = await connectTo(listening);
    const refused = expect(client.call('get_email', { id: 'lunch' })).rejects.toThrow();
    child.kill('SIGTERM');
    expect(await exitOf(child)).toBe(0);
    await refused;
    await client.close();
  });

  it('ends on SIGINT, and says nothing on stderr meanwhile', async () => {
    const child = run('classifier');
    const errors = textOf(child.stderr);
    await ready(child);
    child.kill('SIGINT');
    expect([await exitOf(child), await errors]).toEqual([0, '']);
  });

  it('tells a parent with a channel its port, and ends when that goes away', async () => {
    const child = fork(program('classifier'), {
      execPath: interpreter,
      execArgv: [],
      env: environment({}),
      silent: true,
    });
    children.push(child);
    const [message] = await once(child, 'message', { signal: AbortSignal.timeout(15_000) });
    expect(Listening.parse(message).listening).toBeGreaterThan(0);
    child.disconnect();
    expect(await exitOf(child)).toBe(0);
  });

  it('refuses a variable that it cannot read, in one line', async () => {
    const child = run('classifier', { PORT: 'http' });
    const [errors, code] = await Promise.all([textOf(child.stderr), exitOf(child)]);
    expect([code, errors]).toEqual([1, expect.stringMatching(/^classifier cannot start: PORT .*\n$/)]);
  });

  it('gives one line and exit code 1 when the port is taken', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = z.object({ port: z.number() }).parse(holder.address());
    const child = run('classifier', { PORT: String(port) });
    const [errors, code] = await Promise.all([textOf(child.stderr), exitOf(child)]);
    holder.close();
    expect([code, errors]).toEqual([1, expect.stringMatching(/^classifier cannot start: EADDRINUSE .*\n$/)]);
  });

  it('refuses to start over a graph file that holds something else', async () => {
    await writeFile(join(folder, 'graph.json'), '{"some":"thing else"}');
    const child = run('graph');
    const [errors, code] = await Promise.all([textOf(child.stderr), exitOf(child)]);
    expect([code, errors]).toEqual([
      1,
      expect.stringMatching(/^graph cannot start: .*does not hold a mail graph.*\n$/),
    ]);
  });

  it('does nothing for a caller that hangs up during the delay', async () => {
    const { listening } = await ready(run('graph', { DELAY_MS: '600' }));
    const body = JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'add_to_graph', arguments: addition('gone') },
    });
    const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    const hangingUp = fetch(`http://127.0.0.1:${listening}/mcp`, {
      method: 'POST',
      headers,
      body,
      signal: AbortSignal.timeout(200),
    });
    await expect(hangingUp).rejects.toThrow();
    const client = await connectTo(listening);
    await client.call('add_to_graph', addition('stays'));
    const { text } = await client.call('query_graph', {});
    expect(text).toContain('email:stays');
    expect(text).not.toContain('email:gone');
    await client.close();
  });

  it('tells what went wrong inside to its log alone', async () => {
    const child = run('gmail', { MAILBOX_DIR: '/nowhere/at/all' });
    const log = textOf(child.stderr);
    const client = await connectTo((await ready(child)).listening);
    expect(await client.call('fetch_emails', {})).toMatchObject({
      isError: true,
      text: 'The tool failed inside the service; see its log',
    });
    await client.close();
    child.kill('SIGTERM');
    expect((await log).replaceAll(/\s/g, '')).toContain('/nowhere/at/all');
  });

  it('reads odd messages as the TypeScript one does, also those that arrive later', async () => {
    const client = await connectTo((await ready(run('gmail', { MAILBOX_DIR: folder }))).listening);
    const messages = {
      bare: 'X-Other: 1\n\nhello',
      empty: '',
      undated: 'Date: not a date\nSubject: =?utf-8?q?caf=C3=A9?=\n\nhello\n',
      reply: 'Message-ID: <b@example.com>\r\nIn-Reply-To: <a@example.com>\r\n\r\nhello\r\nagain\r\n',
      group: 'To: team: a@example.com, Bea <b@example.com>;\nCc: undisclosed-recipients:;\n\nhello',
      zone: 'Date: Mon, 02 Nov 2026 10:00:00 -0330\nContent-Type: text/html\n\n<p>A&amp;B &#8364; &unknown;</p>',
      file: 'Content-Type: text/plain; name="a.txt"\nContent-Disposition: attachment; filename="a.txt"\nContent-Transfer-Encoding: base64\n\naGVsbG8=\n',
    };
    for (const [id, text] of Object.entries(messages)) await writeFile(join(folder, `${id}.eml`), text);
    const { structured } = await client.call('fetch_emails', {});
    expect(structured).toEqual({ emails: await openMailbox(folder).list() });
    await client.close();
  });
});
