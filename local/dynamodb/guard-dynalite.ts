/**
 * What dynalite does not look at: who asks. It is handed those requests alone that may come in, none with an `Origin`, to
 * which it would answer that every page may read it.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { createDoor, type Door } from '../aws-endpoint/door.ts';
import type { AccessKey, Refusal } from '../aws-endpoint/signature.ts';

/** Of a request (AWS: 16 MB for a BatchWriteItem). */
const largestBytes = 16_777_216;

export function guardDynalite(server: Server, accessKey: AccessKey | undefined): void {
  const listeners = server.listeners('request');
  const hand = (request: unknown, response: ServerResponse): void => {
    for (const listener of listeners) Reflect.apply(listener, server, [request, response]);
  };
  const door = createDoor({ service: 'dynamodb', accessKey });
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    void admit(door, request, response, hand).catch(() => response.destroy());
  });
}

async function admit(
  { refuseForeign, refuseUnsigned }: Door,
  request: IncomingMessage,
  response: ServerResponse,
  hand: (request: unknown, response: ServerResponse) => void,
): Promise<void> {
  const foreign = refuseForeign(request);
  if (foreign !== undefined) return refuse(response, foreign);
  delete request.headers.origin;
  if (refuseUnsigned === undefined) return hand(request, response);
  const body = await bodyOf(request);
  if (body === undefined) return refuse(response, tooLarge);
  const unsigned = refuseUnsigned(request, body);
  if (unsigned !== undefined) return refuse(response, unsigned);
  const { method, url, headers } = request;
  hand(Object.assign(Readable.from(body.length > 0 ? [body] : []), { method, url, headers }), response);
}

const tooLarge: Refusal = {
  type: 'RequestEntityTooLarge',
  message: `A request has at most ${largestBytes} bytes`,
};

/** Undefined for one that is too large. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const part = Buffer.from(chunk);
    bytes += part.length;
    if (bytes <= largestBytes) chunks.push(part);
  }
  return bytes > largestBytes ? undefined : Buffer.concat(chunks);
}

function refuse(response: ServerResponse, { type, message }: Refusal): void {
  response.writeHead(403, { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-errortype': type });
  response.end(JSON.stringify({ __type: `com.amazon.coral.service#${type}`, message }));
}
