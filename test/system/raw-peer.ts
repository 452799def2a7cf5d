/**
 * An HTTP server over bare TCP: it reads strictly (RFC 9112), remembers every request and everything that is none, and
 * ends a connection where a test says, also after the work is done.
 */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import * as z from 'zod';

export interface RawRequest {
  readonly method: string;
  readonly target: string;
  /** Names in lower case, in the order in which they came. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** Which of the connections it came over, from 1. */
  readonly connection: number;
  /** Which request of its connection it is, from 1. */
  readonly nth: number;
}

/** What happens to a request: an answer, or the end of its connection without one. */
export type RawAnswer =
  | { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  | 'close'
  | 'reset';

export interface RawPeer {
  readonly url: string;
  /** Every request that came whole. */
  readonly requests: RawRequest[];
  /** Every run of bytes that is no request. */
  readonly faults: string[];
  connections(): number;
  /** Ends every connection, as a server does that has waited long enough. */
  hangUp(): void;
  close(): Promise<void>;
}

export async function startRawPeer(answer: (request: RawRequest) => RawAnswer): Promise<RawPeer> {
  const requests: RawRequest[] = [];
  const faults: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    const connection = connections;
    let nth = 0;
    let unread = '';
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    socket.setEncoding('latin1').on('data', (piece: string) => {
      unread += piece;
      for (;;) {
        const read = readRequest(unread);
        if (read === undefined) return;
        if ('fault' in read) {
          faults.push(read.fault);
          return void socket.destroy();
        }
        unread = read.rest;
        nth += 1;
        const request = { ...read.request, connection, nth };
        requests.push(request);
        if (!reply(socket, answer(request))) return;
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const hangUp = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    faults,
    connections: () => connections,
    hangUp,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        hangUp();
      }),
  };
}

/** False when the connection goes with it. */
function reply(socket: Socket, answer: RawAnswer): boolean {
  if (answer === 'close' || answer === 'reset') {
    if (answer === 'close') socket.destroy();
    else socket.resetAndDestroy();
    return false;
  }
  const { status = 200, body = '{}', headers = {} } = answer;
  const all = { 'content-type': 'application/json', 'content-length': String(body.length), ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`HTTP/1.1 ${status} Answer\r\n${lines.join('')}\r\n${body}`, 'latin1');
  return true;
}

type Read =
  | { readonly request: Omit<RawRequest, 'connection' | 'nth'>; readonly rest: string }
  | { readonly fault: string };

const requestLine = /^([A-Z]+) (\S+) HTTP\/1\.1$/;
const headerLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n]*?)[ \t]*$/;

/** The request at the beginning of a text; undefined where it has not come whole. */
function readRequest(text: string): Read | undefined {
  if (text === '') return undefined;
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return /^[A-Z]/.test(text) ? undefined : { fault: text };
  const [first = '', ...lines] = text.slice(0, end).split('\r\n');
  const [, method, target] = requestLine.exec(first) ?? [];
  if (method === undefined || target === undefined) return { fault: text };
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = headerLine.exec(line) ?? [];
    if (name === undefined || value === undefined || headers.has(name.toLowerCase())) return { fault: text };
    headers.set(name.toLowerCase(), value);
  }
  if (!headers.has('host')) return { fault: text };
  const framed = readBody(headers, text.slice(end + 4));
  if (framed === undefined) return undefined;
  if ('fault' in framed) return framed;
  return { request: { method, target, headers, body: framed.body }, rest: framed.rest };
}

type Body = { readonly body: string; readonly rest: string } | { readonly fault: string };

/** Without Content-Length and Transfer-Encoding a request has no body (RFC 9112, 6.3). */
function readBody(headers: ReadonlyMap<string, string>, text: string): Body | undefined {
  const length = headers.get('content-length');
  const coding = headers.get('transfer-encoding');
  if (length !== undefined && coding !== undefined)
    return { fault: 'Content-Length beside Transfer-Encoding' };
  if (coding !== undefined) return coding === 'chunked' ? readChunks(text) : { fault: coding };
  if (length === undefined) return { body: '', rest: text };
  if (!/^\d+$/.test(length)) return { fault: `Content-Length: ${length}` };
  const bytes = Number(length);
  return text.length < bytes ? undefined : { body: text.slice(0, bytes), rest: text.slice(bytes) };
}

function readChunks(text: string): Body | undefined {
  let body = '';
  for (let rest = text; ; ) {
    const end = rest.indexOf('\r\n');
    if (end === -1) return undefined;
    const size = rest.slice(0, end);
    if (!/^[0-9a-fA-F]+$/.test(size)) return { fault: size };
    const bytes = Number.parseInt(size, 16);
    const after = rest.slice(end + 2);
    if (after.length < bytes + 2) return undefined;
    if (after.slice(bytes, bytes + 2) !== '\r\n') return { fault: after.slice(0, bytes + 2) };
    if (bytes === 0) return { body, rest: after.slice(2) };
    body += after.slice(0, bytes);
    rest = after.slice(bytes + 2);
  }
}
