/**
 * Who asks, from the `Authorization` header of a request: the one seam between a way of proving it and the rest.
 * The authorizer on AWS and the front of local mode both ask this.
 */
import type { Caller } from '../domain/access.ts';

/** The caller that a header proves; undefined when it proves nobody. */
export type Authenticate = (authorization: string | undefined) => Promise<Caller | undefined>;

/** The one admin key there is to begin with. `isKey` says whether a text is the key. */
export function adminKeyAuthenticator(isKey: (text: string) => Promise<boolean>): Authenticate {
  return async (authorization) => {
    const [, token] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
    return token !== undefined && (await isKey(token)) ? { id: 'admin', role: 'admin' } : undefined;
  };
}
