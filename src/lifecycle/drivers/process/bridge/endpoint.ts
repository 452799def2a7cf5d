/**
 * The MCP endpoint before a child that speaks stdio: streamable HTTP without sessions, each request answered with one
 * JSON text. Notices are taken and go nowhere: the child was greeted once, and a client that no longer waits hangs up.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type ChildPeer, NoAnswer } from './child-peer.ts';
import { greetingFor } from './greeting.ts';
import { codes, errorText, type Id, type Message, messageIn, resultText } from './message.ts';
import { refusalOf } from './refusal.ts';
import { bodyOf } from './request-body.ts';

/** Bytes of a request. */
const longestBody = 8 * 1_048_576;
/** Requests under way at the same moment, and the bytes of them all. */
const mostRequests = 256;
const mostBytes = 8 * longestBody;
/** Longer than any call of ours may take. */
const longestMs = 900_000;

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

const refused = (status: number, code: number, message: string, id: Id | null = null): Answer => ({
  status,
  text: errorText(id, code, message),
});

export function createEndpoint(path: string, peer: () => Promise<ChildPeer>): Server {
  const underWay = { requests: 0, bytes: 0 };

  async function answerTo(request: IncomingMessage, signal: AbortSignal): Promise<Answer> {
    const refusal = refusalOf(request, path);
    if (refusal !== undefined)
      return { ...refused(refusal.status, codes.invalidRequest, refusal.why), headers: refusal.headers };
    if (underWay.requests > mostRequests || underWay.bytes > mostBytes)
      return {
        ...refused(503, codes.unavailable, 'Too many requests are under way'),
        headers: { 'retry-after': '1' },
      };
    const text = await bodyOf(request, longestBody);
    if (text === undefined)
      return refused(413, codes.invalidRequest, `A request has at most ${longestBody} bytes`);
    const message = messageIn(text);
    if (message === undefined)
      return refused(400, codes.invalidRequest, 'The body is not one JSON-RPC message');
    underWay.bytes += text.length;
    try {
      return await answerToMessage(message, signal);
    } finally {
      underWay.bytes -= text.length;
    }
  }

  async function answerToMessage(message: Message, signal: AbortSignal): Promise<Answer> {
    const { id, method } = message;
    if (method === undefined || id === undefined) return { status: 202, text: '' };
    try {
      return { status: 200, text: await resultOf(await peer(), { ...message, id }, signal) };
    } catch (error) {
      if (error instanceof NoAnswer) return refused(502, codes.unavailable, error.message, id);
      throw error;
    }
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    const timer = setTimeout(() => gone.abort(), longestMs);
    response.once('close', () => gone.abort());
    underWay.requests += 1;
    try {
      write(response, await answerTo(request, gone.signal));
    } finally {
      underWay.requests -= 1;
      clearTimeout(timer);
    }
  }

  return createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
}

/** Subscriptions bring news over a stream, and there is none. */
const withoutUse = ['resources/subscribe', 'resources/unsubscribe', 'logging/setLevel'];

async function resultOf(
  peer: ChildPeer,
  message: Message & { id: Id },
  signal: AbortSignal,
): Promise<string> {
  const { id, method = '', params } = message;
  if (withoutUse.includes(method))
    return errorText(id, codes.methodNotFound, `${method} is not offered here`);
  const child = await orGivenUp(peer.greeted, signal);
  if (method === 'initialize') return resultText(id, greetingFor(params, child));
  return await peer.ask(message, signal);
}

function orGivenUp<T>(wanted: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const givenUp = (): void => reject(new NoAnswer('It was given up'));
    if (signal.aborted) return givenUp();
    signal.addEventListener('abort', givenUp, { once: true });
    wanted.then(resolve, reject).finally(() => signal.removeEventListener('abort', givenUp));
  });
}

function write(response: ServerResponse, { status, text, headers }: Answer): void {
  if (text !== '') response.setHeader('content-type', 'application/json');
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(text) });
  response.end(text);
}
