/**
 * A GET of a small document under the rules of every outgoing call (egress.ts): http and https, no address that the policy
 * refuses, names resolved inside the connection's own lookup, no redirect followed, size and time bounded. It stands
 * apart for what has to start fast: the error catalogue and kept connections would be twice what else lets callers in.
 */
import { lookup as resolveByDns } from 'node:dns/promises';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { createAddressPolicy, type EgressPolicy } from './address-policy.ts';
import { checkedLookup, type ResolveHost } from './pinned-lookup.ts';

export interface SmallAnswer {
  readonly status: number;
  readonly text: string;
}

const timeoutMs = 5_000;
const mostBytes = 500_000;
const resolveHost: ResolveHost = (hostname) => resolveByDns(hostname, { all: true, verbatim: true });

/** Throws when the url may not be called, and when no whole answer comes within five seconds. */
export function createSmallGet(policy: EgressPolicy, resolve: ResolveHost = resolveHost) {
  const refusal = createAddressPolicy(policy);
  const lookup = checkedLookup(refusal, resolve);
  return async (url: URL): Promise<SmallAnswer> => {
    refuseUrl(url, refusal);
    const { default: http } = await (url.protocol === 'https:' ? import('node:https') : import('node:http'));
    return new Promise((take, fail) => {
      const headers = { accept: 'application/json' };
      const signal = AbortSignal.timeout(timeoutMs);
      http
        .request(url, { lookup, headers, agent: false, signal }, (response) => {
          textOf(response).then((text) => take({ status: response.statusCode ?? 0, text }), fail);
        })
        .on('error', fail)
        .end();
    });
  };
}

/** An address written literally never reaches the lookup. */
function refuseUrl(url: URL, refusal: (address: string) => string | undefined): void {
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new Error(`${url.href} is neither http nor https`);
  if (url.username !== '' || url.password !== '') throw new Error(`the url of ${url.host} holds credentials`);
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  const kind = isIP(literal) === 0 ? undefined : refusal(literal);
  if (kind !== undefined) throw new Error(`${url.host} is ${kind}; EGRESS_ALLOWED_NETWORKS allows networks`);
}

async function textOf(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of response) {
    const read = Buffer.from(part);
    bytes += read.length;
    if (bytes > mostBytes) throw new Error(`the answer has more than ${mostBytes} bytes`);
    parts.push(read);
  }
  return Buffer.concat(parts).toString();
}
