/**
 * One HTTP request and its answer over node:http or node:https, bounded in time and size and ended at once
 * when the caller aborts. It reads what is answered; it judges neither addresses nor status codes.
 */
import { type Agent, type ClientRequest, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { watchBounds } from './deadline.ts';
import type { EgressRequest, EgressResponse } from './egress-request.ts';
import { readBody } from './response-body.ts';

/** A kept connection had been closed by the peer when it was used again: nothing was answered. */
export class StaleConnection extends Error {}

/** No peer took the connection. */
export class ConnectTimeout extends Error {}

export const connectTimeoutMs = 5_000;
/** A reset that comes later than this is a peer that failed at work, not a closed connection. */
const staleWithinMs = 1_000;
const fixedHeaders = { 'user-agent': 'orchestrator-service', 'accept-encoding': 'identity' };

/** Rejects with an OrchestratorError for the bounds, else with the error of Node or of this file. */
export function exchange(request: EgressRequest, agent: Agent): Promise<EgressResponse> {
  return new Promise((resolve, reject) => {
    const outgoing = open(request, agent);
    const fail = (error: Error) => {
      stop();
      reject(error);
      outgoing.destroy();
    };
    const stop = watchBounds(request, fail);
    boundConnecting(outgoing, fail);
    outgoing.on('error', staleAware(outgoing, fail));
    outgoing.on('response', (incoming) => {
      readBody(incoming, request).then((response) => {
        stop();
        resolve(response);
      }, fail);
    });
    outgoing.end(request.body);
  });
}

function open({ url, method, headers }: EgressRequest, agent: Agent): ClientRequest {
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return send(url, { method, agent, headers: { ...fixedHeaders, ...headers } });
}

function boundConnecting(outgoing: ClientRequest, fail: (error: Error) => void): void {
  outgoing.once('socket', (socket) => {
    if (!socket.connecting) return;
    const timer = setTimeout(() => fail(new ConnectTimeout()), connectTimeoutMs);
    const stop = () => clearTimeout(timer);
    socket.once('connect', stop);
    socket.once('close', stop);
  });
}

function staleAware(outgoing: ClientRequest, fail: (error: Error) => void) {
  const sentAt = performance.now();
  return (error: NodeJS.ErrnoException) => {
    const reset = error.code === 'ECONNRESET' || error.code === 'EPIPE';
    const stale = reset && outgoing.reusedSocket && performance.now() - sentAt < staleWithinMs;
    fail(stale ? new StaleConnection('stale connection', { cause: error }) : error);
  };
}
