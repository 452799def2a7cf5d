/**
 * Whom an access token of OAuth or OIDC proves (RFC 9068; RFC 8725). The issuer that a token names has to be configured, and its
 * configuration alone says where its keys are: nothing in a token is followed (`jku`, `x5u`, `jwk`). Keys are read when a token
 * needs one that is not known (issuer-keys.ts).
 */
import { decodeJwt, errors, jwtVerify } from 'jose';
import * as z from 'zod/mini';
import type { Clock } from '../base/clock.ts';
import type { Proven } from './authenticate.ts';
import { createIssuerKeys, type ReadUrl } from './issuer-keys.ts';
import { roleOf, type TokenIssuer } from './model/token-issuer.ts';

export interface BearerTokenOptions {
  readonly issuers: readonly TokenIssuer[];
  readonly read: ReadUrl;
  readonly clock: Clock;
}

/** How much the clock of an issuer may differ. */
const clockToleranceSeconds = 30;
/** A token that lives longer than a day is no short-lived proof, whatever its issuer thinks. */
const longestLifeSeconds = 86_400;

const mostCharacters = 16_000;
const Subject = z.string().check(z.regex(/^[\x20-\x7e]{1,255}$/));

export function createTokenVerifier({ issuers, read, clock }: BearerTokenOptions) {
  const keysOf = new Map(issuers.map((issuer) => [issuer.issuer, createIssuerKeys(issuer, { read, clock })]));
  return async (token: string): Promise<Proven | undefined> => {
    const issuer = issuers.find((one) => one.issuer === issuerIn(token));
    const keys = issuer && keysOf.get(issuer.issuer);
    if (!keys) return undefined;
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer: issuer.issuer,
        audience: [...issuer.audiences],
        algorithms: [...issuer.algorithms],
        clockTolerance: clockToleranceSeconds,
        currentDate: new Date(clock.now()),
        requiredClaims: ['exp', 'iat', 'sub'],
        maxTokenAge: longestLifeSeconds,
      });
      const subject = Subject.safeParse(payload.sub);
      const role = roleOf(issuer, payload);
      if (!subject.success || role === undefined) return undefined;
      return { id: `${issuer.name}:${subject.data}`, role, by: 'oauth' };
    } catch (error) {
      if (isRefusal(error)) return undefined;
      throw error;
    }
  };
}

/** Of a token that nobody has looked at yet: it says only whose keys to try. */
function issuerIn(token: string): string | undefined {
  if (token.length > mostCharacters) return undefined;
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}

/** What is wrong with a token. That the keys could not be read is none of its faults. */
const isRefusal = (error: unknown): boolean => error instanceof errors.JOSEError;
