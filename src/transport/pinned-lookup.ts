/**
 * The lookup of outgoing connections: resolves a name and hands on its addresses only when all of them are
 * allowed. The socket connects to exactly these addresses, so a name that answers differently a moment
 * later (DNS rebinding) changes nothing.
 */
import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { AddressPolicy } from './address-policy.ts';

export type ResolveHost = (hostname: string) => Promise<readonly LookupAddress[]>;

/** A name resolved to an address which the policy refuses; `kind` says what it is, never the address. */
export class RefusedAddress extends Error {
  readonly hostname: string;
  readonly kind: string;

  constructor(hostname: string, kind: string) {
    super(`${hostname} resolves to ${kind}`);
    this.hostname = hostname;
    this.kind = kind;
  }
}

export function checkedLookup(refusal: AddressPolicy, resolve: ResolveHost): LookupFunction {
  return (hostname, options, callback) => {
    resolveAllowed(hostname, refusal, resolve).then(
      (addresses) => {
        if (options.all === true) callback(null, addresses);
        else callback(null, addresses[0]?.address ?? '', addresses[0]?.family);
      },
      (error: Error) => callback(error, []),
    );
  };
}

async function resolveAllowed(hostname: string, refusal: AddressPolicy, resolve: ResolveHost) {
  const addresses = await resolve(hostname);
  if (addresses.length === 0) throw Object.assign(new Error('no address'), { code: 'ENOTFOUND' });
  for (const { address } of addresses) {
    const kind = refusal(address);
    if (kind !== undefined) throw new RefusedAddress(hostname, kind);
  }
  return [...addresses];
}
