/**
 * Whether a url may be called as things are now: for those who keep one for later, so that a wrong one is refused while
 * somebody is there to be told. It opens no connection, and decides nothing: each call is checked again where it is made.
 */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { createAddressPolicy, type EgressPolicy } from './address-policy.ts';
import type { ResolveHost } from './pinned-lookup.ts';

/** Says why, such as `a private address`; undefined for one that may be called, and for a name that is not known now. */
export type RefusedUrl = (url: string) => Promise<string | undefined>;

const resolveHost: ResolveHost = (hostname) => lookup(hostname, { all: true, verbatim: true });

export function createRefusedUrl(policy: EgressPolicy, resolve: ResolveHost = resolveHost): RefusedUrl {
  const refusal = createAddressPolicy(policy);
  return async (url) => {
    const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0) return refusal(host);
    const addresses = await resolve(host).catch(() => []);
    return addresses.map(({ address }) => refusal(address)).find((kind) => kind !== undefined);
  };
}
