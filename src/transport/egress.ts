/**
 * Every outgoing call to a service goes through here: only http and https, no credentials in the URL, no
 * address that the policy refuses, no redirect followed, size and time bounded, no compression asked for.
 * Names are resolved inside the connection's own lookup, so the addresses that were checked are the ones
 * that are connected to. What an answer means is decided by the callers.
 */
import { lookup as resolveByDns } from 'node:dns/promises';
import { isIP } from 'node:net';
import { OrchestratorError, withFacts } from '../base/errors.ts';
import { once } from '../base/once.ts';
import { type AddressPolicy, createAddressPolicy, type EgressPolicy } from './address-policy.ts';
import { connectAndClose } from './connect-and-close.ts';
import { type Bounds, cancelledError, remainingMs, timeoutError } from './deadline.ts';
import { toEgressError } from './egress-error.ts';
import type { EgressRequest, EgressResponse } from './egress-request.ts';
import { exchange, FailedExchange } from './http-exchange.ts';
import { createKeptConnections } from './kept-connections.ts';
import type { Credential } from './model/credential.ts';
import { checkedLookup, type ResolveHost } from './pinned-lookup.ts';

export interface EgressOptions {
  readonly policy: EgressPolicy;
  /** How names become addresses; the system's resolver by default. */
  readonly resolve?: ResolveHost | undefined;
  /** Tells of urls to which no idle connection should be kept; gives what ends the telling. */
  readonly endings?: ((told: (url: string) => void) => () => void) | undefined;
  /** What requests prove themselves by that name a credential; such requests are refused without it. */
  readonly credentials?: CredentialsOver | undefined;
}

/** Made with the first request that needs one. `send` is for requests of its own. */
export type CredentialsOver = (send: Egress['send']) => Promise<SendAuthorized>;

/** Adds to a request what its service wants to see, and sends it. */
export type SendAuthorized = (
  request: EgressRequest & { readonly credential: Credential },
  send: Egress['send'],
) => Promise<EgressResponse>;

export interface Egress {
  /**
   * Rejects with an OrchestratorError: `service.unreachable`, `.connection-lost`, `.timeout`, `.address-refused`,
   * `.bad-response`, `step.result-too-large`, `execution.cancelled`; its `effect` says whether the request was sent.
   */
  send(request: EgressRequest): Promise<EgressResponse>;
  /** Whether a connection is taken, under the same rules: opened, nothing sent, closed. Rejects as `send` does. */
  connect(target: ConnectTarget): Promise<void>;
  /** Closes every connection; requests under way fail. */
  close(): void;
}

/** The host and port of a url, of which the scheme names the port where the url does not. */
export interface ConnectTarget extends Bounds {
  readonly url: URL;
}

const resolveHost: ResolveHost = (hostname) => resolveByDns(hostname, { all: true, verbatim: true });

export function createEgress({ policy, resolve = resolveHost, endings, credentials }: EgressOptions): Egress {
  const refusal = createAddressPolicy(policy);
  const lookup = checkedLookup(refusal, resolve);
  const connections = createKeptConnections(lookup);
  const stopListening = endings?.((url) => connections.letGo(new URL(url)));
  let closed = false;
  const exchangeOpen = (request: EgressRequest, anew: boolean) => {
    if (closed) throw closedError(request);
    return exchange(request, { connections, anew });
  };
  const send = async (request: EgressRequest): Promise<EgressResponse> => {
    checkUrl(request, refusal);
    checkBounds(request);
    return await onceMoreWhenStale(request, exchangeOpen);
  };
  const authorized = once(() => credentials?.(send) ?? Promise.resolve(undefined));
  return {
    async send(request) {
      const { credential } = request;
      if (credential === undefined) return await send(request);
      // What may not be called at all need not be told of credentials.
      checkUrl(request, refusal);
      const sendAuthorized = await authorized();
      if (sendAuthorized === undefined) throw noCredentials(request);
      return await sendAuthorized({ ...request, credential }, send);
    },
    async connect(target) {
      checkUrl(target, refusal);
      checkBounds(target);
      if (closed) throw closedError(target);
      await connectAndClose(target, lookup).catch((thrown: unknown) => {
        throw toEgressError(thrown, { ...target, repeating: 'safe' });
      });
    },
    close() {
      closed = true;
      stopListening?.();
      connections.close();
    },
  };
}

/**
 * A kept connection may have been closed by its peer just as it is used. A request that was not written yet is sent on
 * a new one, and so is one of which a second copy does no harm (RFC 9110, 9.2.2). Of any other nobody knows whether the
 * peer had done the work before it closed.
 */
async function onceMoreWhenStale(
  request: EgressRequest,
  exchangeOpen: (request: EgressRequest, anew: boolean) => Promise<EgressResponse>,
): Promise<EgressResponse> {
  try {
    return await exchangeOpen(request, false);
  } catch (thrown) {
    const failed = toEgressError(thrown, request);
    if (!mayGoAgain(thrown, request)) throw failed;
    const response = await exchangeOpen(request, true).catch((again: unknown) => {
      throw afterBoth(failed, toEgressError(again, request));
    });
    return { ...response, lostBefore: failed.effect === 'unknown' };
  }
}

/** That the second was never sent says nothing of the first. */
function afterBoth(first: OrchestratorError, second: OrchestratorError): OrchestratorError {
  if (first.effect !== 'unknown' || second.effect !== 'none') return second;
  return second.code === 'service.unreachable' ? first : withFacts(second, { effect: 'unknown' });
}

const mayGoAgain = (thrown: unknown, { repeating }: EgressRequest): boolean =>
  thrown instanceof FailedExchange && thrown.stale && (!thrown.sent || repeating !== 'once');

/** An address written literally never reaches the lookup, so it is checked here, on every request. */
function checkUrl({ url, subject }: ConnectTarget, refusal: AddressPolicy): void {
  const refuse = (why: string) => {
    throw new OrchestratorError('service.address-refused', `${subject} may not be called: ${why}`);
  };
  if (url.protocol !== 'http:' && url.protocol !== 'https:') refuse('its url is neither http nor https');
  if (url.username !== '' || url.password !== '') refuse('its url holds credentials');
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  const kind = isIP(literal) === 0 ? undefined : refusal(literal);
  if (kind !== undefined) refuse(`${url.hostname} is ${kind}, which EGRESS_ALLOWED_NETWORKS does not name`);
}

function checkBounds(request: Bounds): void {
  if (request.signal?.aborted === true) throw withFacts(cancelledError(request), { effect: 'none' });
  if (remainingMs(request.deadline) <= 0) throw withFacts(timeoutError(request), { effect: 'none' });
}

const noCredentials = ({ subject }: Bounds) =>
  new OrchestratorError(
    'service.credential-not-allowed',
    `${subject} was not called: it wants a credential, and CREDENTIALS_ALLOWED names none`,
    { effect: 'none' },
  );

const closedError = ({ subject }: Bounds) =>
  new OrchestratorError(
    'service.unreachable',
    `${subject} cannot be called: outgoing connections are closed`,
    { effect: 'none' },
  );
