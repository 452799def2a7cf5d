/** The headers by which requests prove to a service that they may be made. */
import type { Clock } from '../../base/clock.ts';
import { OrchestratorError } from '../../base/errors.ts';
import type { Bounds } from '../deadline.ts';
import type { Egress } from '../egress.ts';
import type { Credential } from '../model/credential.ts';
import { type AllowedCredential, whyNotAllowed } from '../model/credential-policy.ts';
import { createClientTokens } from './client-tokens.ts';
import {
  type CredentialSources,
  createCredentialValues,
  objectIn,
  unavailable,
} from './credential-values.ts';

export type AuthHeaders = Readonly<Record<string, string>>;

interface Wanted extends Bounds {
  readonly url: URL;
  readonly credential: Credential;
}

export interface Credentials {
  /**
   * Throws `service.credential-not-allowed`, `service.credential-unavailable`, and what a request for a token does.
   * `refused`: what the service has just answered with 401, in place of which there may be something newer.
   */
  headersFor(wanted: Wanted, refused?: AuthHeaders): Promise<AuthHeaders>;
}

export interface CredentialsOptions {
  readonly allowed: readonly AllowedCredential[];
  readonly sources: CredentialSources;
  readonly clock: Clock;
}

export function createCredentials(
  { allowed, sources, clock }: CredentialsOptions,
  send: Egress['send'],
): Credentials {
  const values = createCredentialValues(sources, clock);
  const tokens = createClientTokens({ values, clock, send });

  const check = ({ credential, subject }: Wanted, url: URL): void => {
    const why = whyNotAllowed(allowed, credential.reference, url);
    if (why !== undefined)
      throw new OrchestratorError(
        'service.credential-not-allowed',
        `${subject} was not called: its authReference ${why}`,
        { effect: 'none' },
      );
  };

  return {
    async headersFor(wanted, refused) {
      const { url, credential } = wanted;
      const { reference, scheme } = credential;
      check(wanted, url);
      if (scheme.kind === 'client-credentials') {
        check(wanted, new URL(scheme.tokenUrl));
        return bearer(await tokens.get({ ...wanted, reference, scheme }, tokenIn(refused)));
      }
      const value = await values.read(reference, { anew: refused !== undefined });
      if (scheme.kind === 'basic') return basic(value);
      return scheme.kind === 'bearer' ? bearer(value) : { [scheme.header.toLowerCase()]: sendable(value) };
    },
  };
}

const bearer = (value: string): AuthHeaders => ({ authorization: `Bearer ${sendable(value)}` });

/** Visible ASCII and spaces (RFC 9110, 5.5). */
function sendable(value: string): string {
  if (/^[\x20-\x7e]{1,8192}$/.test(value)) return value;
  throw unavailable('what is kept there cannot be sent as a header');
}

const tokenIn = (headers: AuthHeaders | undefined): string | undefined =>
  headers?.['authorization']?.slice('Bearer '.length);

function basic(value: string): AuthHeaders {
  const { username, password } = objectIn(value);
  const pair =
    typeof username === 'string' && typeof password === 'string' ? `${username}:${password}` : value;
  if (!pair.includes(':')) throw unavailable('Basic needs user:password, or JSON with username and password');
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}
