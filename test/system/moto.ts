/**
 * moto's server, which answers as AWS does, made on first use. Before it stands what it lacks of the API of ECS: a client
 * token is the same task for a day (AWS: Ensuring idempotency).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { freePort } from './free-port.ts';
import type { Skipped } from './on-demand.ts';
import { skipped } from './on-demand.ts';
import { pythonEnvironment } from './python-environment.ts';

export interface Moto {
  /** For a client of the AWS SDK. */
  readonly connection: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
    readonly maxAttempts: number;
  };
  /** Requests of one action, as they came. */
  requests(action: string): unknown[];
  /** Forgets all that it was told. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

const requirements = fileURLToPath(new URL('moto-requirements.txt', import.meta.url));

export async function startMoto(): Promise<Moto | Skipped> {
  const python = await pythonEnvironment({ name: 'moto', requirements });
  if ('skipped' in python) return python;
  const port = await freePort();
  const args = ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)];
  const child = spawn(python.interpreter, args, { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}`;
  if (!(await answers(url, child))) return skipped('the server of moto does not start');
  return await withFront(url, child);
}

async function answers(url: string, child: ChildProcess): Promise<boolean> {
  for (let attempt = 0; attempt < 300 && child.exitCode === null; attempt += 1) {
    const answer = await fetch(`${url}/moto-api/data.json`).catch(() => undefined);
    if (answer?.ok) return true;
    await sleep(100);
  }
  return false;
}

const Tokened = z.object({ clientToken: z.string().optional() });

async function withFront(url: string, child: ChildProcess): Promise<Moto> {
  const seen: { readonly action: string; readonly body: unknown }[] = [];
  const byToken = new Map<string, Promise<string>>();
  const pass = async (asked: IncomingMessage, body: string): Promise<{ status: number; text: string }> => {
    const { host, connection, 'content-length': length, ...headers } = asked.headers;
    const given = Object.entries(headers).map(([name, value]) => [name, String(value)] as [string, string]);
    const method = asked.method ?? 'GET';
    const content = method === 'GET' ? {} : { body };
    const answer = await fetch(`${url}${asked.url}`, { method, headers: given, ...content });
    return { status: answer.status, text: await answer.text() };
  };
  const front = createServer(async (asked: IncomingMessage, response: ServerResponse) => {
    let body = '';
    for await (const piece of asked.setEncoding('utf8')) body += String(piece);
    const target = String(asked.headers['x-amz-target'] ?? '');
    const action = target.split('.').at(-1) ?? '';
    seen.push({ action, body: body.startsWith('{') ? JSON.parse(body) : body });
    const token = action === 'RunTask' ? Tokened.parse(JSON.parse(body)).clientToken : undefined;
    if (token === undefined) {
      const { status, text } = await pass(asked, body);
      return response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(text);
    }
    const first = byToken.get(token) ?? pass(asked, body).then(({ text }) => text);
    byToken.set(token, first);
    return response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }).end(await first);
  });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
  const { port } = z.object({ port: z.number() }).parse(front.address());
  return {
    connection: {
      endpoint: `http://127.0.0.1:${port}`,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    },
    requests: (action) => seen.flatMap((one) => (one.action === action ? [one.body] : [])),
    async reset() {
      seen.length = 0;
      byToken.clear();
      await fetch(`${url}/moto-api/reset`, { method: 'POST' });
      // Otherwise a task ends after it was asked for a few times.
      const transition = { progression: 'time', seconds: 86_400 };
      const body = JSON.stringify({ model_name: 'ecs::task', transition });
      await fetch(`${url}/moto-api/state-manager/set-transition`, { method: 'POST', body });
    },
    async close() {
      front.closeAllConnections();
      front.close();
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}
