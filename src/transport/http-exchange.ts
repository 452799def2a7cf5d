/**
 * One HTTP request and its answer over node:http or node:https, bounded in time and size and ended at once
 * when the caller aborts. It reads what is answered; it judges neither addresses nor status codes. Nothing is
 * written before there is a connection, so that it is known of each failure whether the request was sent.
 */
import { type ClientRequest, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { OrchestratorError } from '../base/errors.ts';
import { watchBounds } from './deadline.ts';
import type { EgressRequest, EgressResponse } from './egress-request.ts';
import type { KeptConnections } from './kept-connections.ts';
import { readBody } from './response-body.ts';

/** No peer took the connection. */
export class ConnectTimeout extends Error {}

/** How far an exchange has come. */
interface Progress {
  readonly startedAtMs: number;
  connected: boolean;
  /** Whether any of the request may have left. */
  sent: boolean;
  /** Whether an answer has begun. */
  answered: boolean;
}

/** An exchange that failed, and how far it had come. */
export class FailedExchange extends Error {
  readonly connected: boolean;
  readonly sent: boolean;
  /** Whether a kept connection was used again that was closed already, or was closed at once. */
  readonly stale: boolean;

  constructor(cause: NodeJS.ErrnoException, progress: Progress, reused: boolean) {
    super(cause.message, { cause });
    this.connected = progress.connected;
    this.sent = progress.sent;
    const soon = !progress.answered && performance.now() - progress.startedAtMs < staleWithinMs;
    this.stale = reused && isReset(cause) && (!progress.sent || soon);
  }
}

export const connectTimeoutMs = 5_000;
/** A reset that comes later than this is a peer that failed at work, not a closed connection. */
const staleWithinMs = 1_000;
/** Answers that have no content (RFC 9110, 15.3.5 and 15.4.5). */
const withoutContent = [204, 304];
const fixedHeaders = { 'user-agent': 'orchestrator-service', 'accept-encoding': 'identity' };

export interface Means {
  readonly connections: KeptConnections;
  /** Whether it wants a connection of its own. */
  readonly anew: boolean;
}

/** Rejects with a FailedExchange; its cause is an OrchestratorError for the bounds, else the error of Node. */
export function exchange(request: EgressRequest, means: Means): Promise<EgressResponse> {
  return new Promise((resolve, reject) => {
    const outgoing = open(request, means);
    const progress = { startedAtMs: performance.now(), connected: false, sent: false, answered: false };
    const fail = (error: Error) => {
      stop();
      reject(new FailedExchange(error, progress, outgoing.reusedSocket));
      outgoing.destroy();
    };
    const stop = watchBounds(request, fail);
    outgoing.on('error', fail);
    // Without a listener Node ends such an exchange without a word.
    outgoing.on('upgrade', (_head, socket) => {
      socket.destroy();
      fail(upgraded(request));
    });
    outgoing.on('response', (incoming) => {
      progress.answered = true;
      means.connections.answered(outgoing.socket, incoming.headers);
      const { statusCode: status = 0, headers } = incoming;
      if (withoutContent.includes(status)) {
        stop();
        resolve({ status, headers, text: '' });
        // What comes behind it all the same would be taken for the answer to whatever is sent next.
        if (status === 304 || announcesContent(headers)) return void outgoing.destroy();
      }
      readBody(incoming, request).then((response) => {
        stop();
        resolve(response);
      }, fail);
    });
    outgoing.once('socket', (socket) => {
      const write = () => writeOver(socket, { outgoing, progress, body: request.body });
      if (!outgoing.reusedSocket) whenConnected(socket, write, fail);
      else if (request.repeating === 'once') afterALook(write);
      else write();
    });
  });
}

const announcesContent = (headers: IncomingHttpHeaders): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0;

function open(request: EgressRequest, { connections, anew }: Means): ClientRequest {
  const { url, method, repeating, alone = false } = request;
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const agent = connections.agentFor(url, alone ? 'alone' : anew ? 'new' : repeating);
  return send(url, { method, agent, headers: { ...fixedHeaders, ...request.headers, ...framing(request) } });
}

/** Node frames the body of a POST, PUT or PATCH by itself, that of a DELETE not at all (RFC 9112, 6.3). */
const framing = ({ body }: EgressRequest) =>
  body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };

interface Writing {
  readonly outgoing: ClientRequest;
  readonly progress: Progress;
  readonly body: string | undefined;
}

function writeOver(socket: Socket, { outgoing, progress, body }: Writing): void {
  if (outgoing.destroyed) return;
  progress.connected = true;
  outgoing.end(body);
  // A first write that fails at once took nothing.
  progress.sent = socket.errored === null;
}

function whenConnected(socket: Socket, write: () => void, fail: (error: Error) => void): void {
  const timer = setTimeout(() => fail(new ConnectTimeout()), connectTimeoutMs);
  const stop = () => clearTimeout(timer);
  socket.once('connect', stop);
  socket.once('close', stop);
  socket.once('encrypted' in socket ? 'secureConnect' : 'connect', write);
}

/** Events that wait (the end of a kept connection among them) come in the poll phase, which lies between the two. */
const afterALook = (write: () => void): void => {
  setImmediate(() => setImmediate(write));
};

const upgraded = ({ subject }: EgressRequest) =>
  new OrchestratorError(
    'service.bad-response',
    `${subject} answered 101, another protocol, which was not asked for`,
  );

const isReset = ({ code }: NodeJS.ErrnoException): boolean => code === 'ECONNRESET' || code === 'EPIPE';
