/** A request as it is written, so that it may have what a client would not send; and the whole answer as text. */
import { once } from 'node:events';
import { connect } from 'node:net';

/** Closes the connection with the answer. */
export async function rawRequest(
  url: string,
  { method = 'GET', path = '/', headers, body = '' }: RawRequest,
): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname.replace(/^\[|\]$/g, ''));
  const lines = [`${method} ${path} HTTP/1.1`, ...headers, 'Connection: close'];
  if (body !== '') lines.push(`Content-Length: ${Buffer.byteLength(body)}`);
  socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
  let text = '';
  socket.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  await once(socket, 'close', { signal: AbortSignal.timeout(10_000) });
  const [head = '', ...rest] = text.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), head, body: rest.join('\r\n\r\n') };
}

export interface RawRequest {
  readonly method?: string;
  readonly path?: string;
  /** Each as it is written: `Host: localhost`. */
  readonly headers: readonly string[];
  readonly body?: string;
}

export interface RawAnswer {
  /** NaN without an answer. */
  readonly status: number;
  readonly head: string;
  readonly body: string;
}
