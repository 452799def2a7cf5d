/** Every request says where its body ends: three servers that read differently agree on what came. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { startRawPeer } from '../../system/raw-peer.ts';
import { answerJson, contextOf, startCaller, startPeer, until, valueAnswered } from './peer.ts';

/** A request as a server read it. */
const Read = z.object({
  method: z.string(),
  body: z.string(),
  length: z.string().nullable(),
  coding: z.string().nullable(),
});
type Read = z.infer<typeof Read>;

interface Server {
  readonly url: string;
  read(): readonly Read[];
}

async function nodeServer(): Promise<Server> {
  const peer = await startPeer((_request, response) => answerJson(response, {}));
  const read = () =>
    peer.received.map(({ method, body, headers }) => ({
      method,
      body,
      length: headers['content-length'] ?? null,
      coding: headers['transfer-encoding'] ?? null,
    }));
  return { url: peer.url, read };
}

async function strictServer(): Promise<Server> {
  const peer = await startRawPeer(() => ({}));
  onTestFinished(() => peer.close());
  const read = () => {
    expect(peer.faults).toEqual([]);
    return peer.requests.map(({ method, body, headers }) => ({
      method,
      body: Buffer.from(body, 'latin1').toString(),
      length: headers.get('content-length') ?? null,
      coding: headers.get('transfer-encoding') ?? null,
    }));
  };
  return { url: peer.url, read };
}

const script = `
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        length = self.headers.get("Content-Length")
        body = self.rfile.read(int(length or 0)).decode()
        read = {"method": self.command, "body": body, "length": length, "coding": self.headers.get("Transfer-Encoding")}
        print(json.dumps(read), flush=True)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    def log_message(self, *args):
        pass

    def send_error(self, code, message=None, explain=None):
        print(json.dumps({"method": "fault", "body": str(message), "length": None, "coding": None}), flush=True)
        super().send_error(code, message, explain)

server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
`;

async function pythonServer(): Promise<Server> {
  const python = spawn('python3', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void python.kill());
  const lines: string[] = [];
  const reader = createInterface({ input: python.stdout }).on('line', (line) => lines.push(line));
  await once(reader, 'line');
  const read = () => lines.slice(1).map((line) => Read.parse(JSON.parse(line)));
  return { url: `http://127.0.0.1:${lines[0]}`, read };
}

const hasPython = spawnSync('python3', ['--version']).status === 0;

const servers = [
  { name: "Node's http", start: nodeServer, there: true },
  { name: 'a strict parser', start: strictServer, there: true },
  { name: "Python's http.server (needs python3)", start: pythonServer, there: hasPython },
];

const body = { text: 'Grüße, 世界' };
const bytes = '{"text":"Grüße, 世界"}';

describe.each(servers)('$name reads', ({ start, there }) => {
  it.runIf(there).each([
    ['POST', body, bytes, '26'],
    ['PUT', body, bytes, '26'],
    ['PATCH', body, bytes, '26'],
    ['DELETE', body, bytes, '26'],
    ['POST', undefined, '', '0'],
    ['PUT', undefined, '', '0'],
    ['PATCH', undefined, '', '0'],
    ['DELETE', undefined, '', null],
    ['GET', undefined, '', null],
  ] as const)(
    'each %s with the body %o as it was sent, and nothing else',
    async (method, sent, text, length) => {
      const server = await start();
      const caller = startCaller();
      for (let n = 0; n < 3; n += 1) {
        const request = { method, path: '/things', ...(sent && { body: sent }) };
        const call = { service: 'notify', request };
        const target = { service: 'notify', transport: 'rest' as const, url: server.url };
        expect(await valueAnswered(caller.call(target, call, contextOf()))).toEqual({});
      }
      await until(() => server.read().length >= 3);
      expect(server.read()).toEqual(Array(3).fill({ method, body: text, length, coding: null }));
    },
  );
});

describe.each(servers)('$name reads', ({ start, there }) => {
  it.runIf(there)('the call of a tool as it was sent', async () => {
    const server = await start();
    const call = { service: 'notify', tool: 'add', arguments: body };
    const target = { service: 'notify', transport: 'mcp' as const, url: `${server.url}/mcp` };
    await startCaller()
      .call(target, call, contextOf())
      .catch(() => undefined);
    await until(() => server.read().length >= 1);
    const [read] = server.read();
    expect(read).toMatchObject({ method: 'POST', coding: null });
    expect(read?.length).toBe(String(Buffer.byteLength(read?.body ?? '')));
    expect(JSON.parse(read?.body ?? '')).toMatchObject({ params: { name: 'add', arguments: body } });
  });
});
