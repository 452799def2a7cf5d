/**
 * Every outgoing call to a service goes through here: only http and https, no credentials in the URL, no
 * address that the policy refuses, no redirect followed, size and time bounded, no compression asked for.
 * Names are resolved inside the connection's own lookup, so the addresses that were checked are the ones
 * that are connected to. What an answer means is decided by the callers.
 */
import { lookup as resolveByDns } from 'node:dns/promises';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIP } from 'node:net';
import { OrchestratorError } from '../domain/errors.ts';
import { type AddressPolicy, createAddressPolicy, type EgressPolicy } from './address-policy.ts';
import { cancelledError, remainingMs, timeoutError } from './deadline.ts';
import { toEgressError } from './egress-error.ts';
import type { EgressRequest, EgressResponse } from './egress-request.ts';
import { exchange, StaleConnection } from './http-exchange.ts';
import { checkedLookup, type ResolveHost } from './pinned-lookup.ts';

export interface EgressOptions {
  readonly policy: EgressPolicy;
  /** How names become addresses; the system's resolver by default. */
  readonly resolve?: ResolveHost | undefined;
}

export interface Egress {
  /** Rejects with an OrchestratorError: `service.unreachable`, `.timeout`, `.address-refused`, `.bad-response`, `step.result-too-large`, `execution.cancelled`. */
  send(request: EgressRequest): Promise<EgressResponse>;
  /** Closes every connection; requests under way fail. */
  close(): void;
}

/** Shorter than the keep-alive time of common servers (Node and uvicorn: 5 s), so idle connections end here first. */
const idleConnectionMs = 4_000;

const resolveHost: ResolveHost = (hostname) => resolveByDns(hostname, { all: true, verbatim: true });

export function createEgress({ policy, resolve = resolveHost }: EgressOptions): Egress {
  const refusal = createAddressPolicy(policy);
  const agents = createAgents(refusal, resolve);
  let closed = false;
  const exchangeOpen = (request: EgressRequest) => {
    if (closed) throw closedError(request);
    return exchange(request, request.url.protocol === 'https:' ? agents.https : agents.http);
  };
  return {
    async send(request) {
      checkUrl(request, refusal);
      checkBounds(request);
      return await onceMoreWhenStale(request, exchangeOpen);
    },
    close() {
      closed = true;
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

/** Connections are kept and reused per origin; `autoSelectFamily` tries each checked address (RFC 8305). */
function createAgents(refusal: AddressPolicy, resolve: ResolveHost) {
  const options = {
    keepAlive: true,
    timeout: idleConnectionMs,
    maxFreeSockets: 64,
    autoSelectFamily: true,
    lookup: checkedLookup(refusal, resolve),
  };
  return { http: new HttpAgent(options), https: new HttpsAgent(options) };
}

/**
 * A kept connection may have been closed by its peer just as it is used. Such a request was not served and
 * is sent once more on a new connection, as every request carries an idempotency key or only reads
 * (RFC 9110, 9.2.2).
 */
async function onceMoreWhenStale(
  request: EgressRequest,
  exchangeOpen: (request: EgressRequest) => Promise<EgressResponse>,
): Promise<EgressResponse> {
  try {
    return await exchangeOpen(request).catch((thrown: unknown) => {
      if (thrown instanceof StaleConnection) return exchangeOpen(request);
      throw thrown;
    });
  } catch (thrown) {
    throw toEgressError(thrown, request);
  }
}

/** An address written literally never reaches the lookup, so it is checked here, on every request. */
function checkUrl({ url, subject }: EgressRequest, refusal: AddressPolicy): void {
  const refuse = (why: string) => {
    throw new OrchestratorError('service.address-refused', `${subject} may not be called: ${why}`);
  };
  if (url.protocol !== 'http:' && url.protocol !== 'https:') refuse('its url is neither http nor https');
  if (url.username !== '' || url.password !== '') refuse('its url holds credentials');
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  const kind = isIP(literal) === 0 ? undefined : refusal(literal);
  if (kind !== undefined) refuse(`${url.hostname} is ${kind}, which the egress configuration does not allow`);
}

function checkBounds(request: EgressRequest): void {
  if (request.signal?.aborted === true) throw cancelledError(request);
  if (remainingMs(request.deadline) <= 0) throw timeoutError(request);
}

const closedError = ({ subject }: EgressRequest) =>
  new OrchestratorError(
    'service.unreachable',
    `${subject} cannot be called: outgoing connections are closed`,
  );
