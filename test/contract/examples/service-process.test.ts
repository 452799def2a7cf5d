import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { readSharedEnvironment } from '../../../examples/email/run-service.ts';
import { startExampleServices } from '../../system/example-services.ts';
import { childrenOf, commandOf } from '../../system/processes.ts';

const program = (name: string): string =>
  fileURLToPath(new URL(`../../../examples/email/${name}.ts`, import.meta.url));
const Listening = z.object({ listening: z.number() });

let folder: string;
let children: ChildProcess[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'example-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  for (const child of children) child.kill('SIGKILL');
  children = [];
  await rm(folder, { recursive: true });
});

const environment = (extra: Record<string, string> = {}) => ({
  ...process.env,
  PORT: '0',
  GRAPH_FILE: join(folder, 'graph.json'),
  ...extra,
});

function forkService(name: string, extra: Record<string, string> = {}): ChildProcess {
  const child = fork(program(name), { execArgv: ['--import', 'tsx'], env: environment(extra), silent: true });
  children.push(child);
  return child;
}

async function portOf(child: ChildProcess): Promise<number> {
  const [message] = await once(child, 'message', { signal: AbortSignal.timeout(15_000) });
  return Listening.parse(message).listening;
}

const exitOf = async (child: ChildProcess): Promise<unknown> =>
  child.exitCode ?? (await once(child, 'exit', { signal: AbortSignal.timeout(15_000) }))[0];

async function textOf(stream: NodeJS.ReadableStream | null): Promise<string> {
  let text = '';
  for await (const chunk of stream ?? []) text += String(chunk);
  return text;
}

describe('an example service as a process', () => {
  it.each(['gmail', 'classifier', 'graph', 'notify'])(
    '%s tells its parent the free port it took, and ends on SIGTERM',
    async (name) => {
      const child = forkService(name);
      const port = await portOf(child);
      const health = await fetch(`http://127.0.0.1:${port}/health`);
      expect(await health.json()).toEqual({ status: 'ok' });
      child.kill('SIGTERM');
      expect(await exitOf(child)).toBe(0);
    },
  );

  it('ends when its parent goes away', async () => {
    const child = forkService('notify');
    await portOf(child);
    child.disconnect();
    expect(await exitOf(child)).toBe(0);
  });

  it('ends when its parent went away before it listened', async () => {
    const child = forkService('notify');
    child.disconnect();
    expect(await exitOf(child)).toBe(0);
  });

  it('prints a JSON line with its port when nobody listens for messages, and ends on SIGINT', async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', program('classifier')], { env: environment() });
    children.push(child);
    const [line] = await once(child.stdout, 'data', { signal: AbortSignal.timeout(15_000) });
    const { listening } = Listening.parse(JSON.parse(String(line)));
    expect((await fetch(`http://127.0.0.1:${listening}/health`)).status).toBe(200);
    child.kill('SIGINT');
    expect(await exitOf(child)).toBe(0);
  });

  it('reads DELAY_MS, and takes its own port when PORT is not set', () => {
    expect(readSharedEnvironment({ DELAY_MS: '250' }, 8001)).toEqual({
      host: '127.0.0.1',
      port: 8001,
      delayMs: 250,
    });
    expect(readSharedEnvironment({ HOST: '0.0.0.0', PORT: '9' }, 8001)).toEqual({
      host: '0.0.0.0',
      port: 9,
      delayMs: 0,
    });
    expect(() => readSharedEnvironment({ DELAY_MS: '-1' }, 8001)).toThrow('DELAY_MS');
  });

  // Elsewhere 127.0.0.1 is the only address of the loopback network.
  it.skipIf(process.platform !== 'linux')('listens on the address of HOST and on no other', async () => {
    const port = await portOf(forkService('notify', { HOST: '127.0.0.2' }));
    expect((await fetch(`http://127.0.0.2:${port}/health`)).status).toBe(200);
    await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow();
  });

  it.skipIf(process.platform !== 'linux')(
    'stays on 127.0.0.1 when local mode starts it and listens elsewhere itself',
    async () => {
      vi.stubEnv('HOST', '127.0.0.2');
      const others = { GMAIL_SERVICE_URL: 'x', CLASSIFIER_SERVICE_URL: 'x', GRAPH_SERVICE_URL: 'x' };
      const services = await startExampleServices({ env: others, dataDir: folder, freePorts: true });
      expect((await fetch(`${services.urls['NOTIFY_SERVICE_URL']}/health`)).status).toBe(200);
      await services.stop();
    },
  );

  it('takes an empty variable as one that is not set', async () => {
    const port = await portOf(forkService('notify', { NOTIFY_FAIL: '', DELAY_MS: '' }));
    expect(await (await fetch(`http://127.0.0.1:${port}/failure`)).json()).toEqual({ mode: 'off' });
  });

  it('starts with the failure mode of NOTIFY_FAIL', async () => {
    const port = await portOf(forkService('notify', { NOTIFY_FAIL: 'always' }));
    expect(await (await fetch(`http://127.0.0.1:${port}/failure`)).json()).toEqual({ mode: 'always' });
  });

  it('gives one line and exit code 1 when the port is taken', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const address = holder.address();
    const port = typeof address === 'object' && address ? String(address.port) : '';
    const child = forkService('gmail', { PORT: port });
    const [errors, code] = await Promise.all([textOf(child.stderr), exitOf(child)]);
    expect(code).toBe(1);
    expect(errors).toMatch(/^gmail cannot start: .*EADDRINUSE.*\n$/);
    holder.close();
  });

  it.each([
    ['notify', { NOTIFY_FAIL: 'maybe' }, 'NOTIFY_FAIL must be off, once or always'],
    ['gmail', { PORT: 'http' }, 'PORT'],
  ])('%s refuses a variable it cannot read and names it', async (name, extra, words) => {
    const child = forkService(name, extra);
    const [errors, code] = await Promise.all([textOf(child.stderr), exitOf(child)]);
    expect(code).toBe(1);
    expect(errors.trim().split('\n')).toHaveLength(1);
    expect(errors).toContain(words);
  });
});

it('an example service that dies is started again where it was, in one line, until it dies too often', async () => {
  const said = vi.spyOn(console, 'error').mockReturnValue();
  const others = {
    GRAPH_SERVICE_URL: 'http://x',
    NOTIFY_SERVICE_URL: 'http://x',
    CLASSIFIER_SERVICE_URL: 'http://x',
  };
  const services = await startExampleServices({ env: others, dataDir: folder, freePorts: true });
  const url = services.urls['GMAIL_SERVICE_URL'] ?? '';
  const gmail = () => childrenOf(process.pid).find((pid) => commandOf(pid).includes('email/gmail.ts'));
  const answers = () =>
    fetch(`${url}/health`).then(
      ({ status }) => status,
      () => undefined,
    );
  for (let deaths = 1; deaths <= 6; deaths++) {
    await expect.poll(answers, { timeout: 15_000 }).toBe(200);
    process.kill(gmail() ?? 0, 'SIGKILL');
    await expect.poll(() => said.mock.calls.length, { timeout: 15_000 }).toBe(deaths);
  }
  expect(said.mock.calls.map(String)).toEqual([
    ...Array(5).fill('gmail ended by SIGKILL: it is started again.'),
    'gmail ended by SIGKILL: for the 6th time within a minute, it stays ended.',
  ]);
  await services.stop();
  expect(gmail()).toBeUndefined();
}, 60_000);
