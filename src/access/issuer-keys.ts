/**
 * The keys of an issuer of tokens (RFC 7517), found with the first token that needs them. They are read again after ten minutes,
 * and when a token names one that is not among them, at most every 30 seconds: a new key works soon, and whoever invents
 * names of keys makes no requests. While they cannot be read those of the last hour go on counting.
 */
import { createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import * as z from 'zod/mini';
import type { Clock } from '../base/clock.ts';
import type { TokenIssuer } from './model/token-issuer.ts';

/** A GET under the rules of outgoing calls; its status and text. Redirects are not followed. */
export type ReadUrl = (url: URL) => Promise<{ readonly status: number; readonly text: string }>;

export interface IssuerKeysOptions {
  readonly read: ReadUrl;
  readonly clock: Clock;
}

const readAgainMs = 10 * 60_000;
const pauseMs = 30_000;
const longestKeptMs = 60 * 60_000;

const Metadata = z.object({ issuer: z.string(), jwks_uri: z.string() });
const KeySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).check(z.maxLength(100)) });

interface Kept {
  readonly find: JWTVerifyGetKey;
  readonly atMs: number;
}

export function createIssuerKeys(issuer: TokenIssuer, { read, clock }: IssuerKeysOptions): JWTVerifyGetKey {
  let kept: Kept | undefined;
  let triedAtMs = Number.NEGATIVE_INFINITY;
  let loading: Promise<Kept> | undefined;
  const load = (): Promise<Kept> => {
    triedAtMs = clock.now();
    loading ??= keysOf(issuer, read)
      .then((find) => {
        kept = { find, atMs: clock.now() };
        return kept;
      })
      .finally(() => {
        loading = undefined;
      });
    return loading;
  };
  const mayTry = (): boolean => loading !== undefined || clock.now() - triedAtMs >= pauseMs;
  const current = async (): Promise<Kept> => {
    const ageMs = kept === undefined ? Number.POSITIVE_INFINITY : clock.now() - kept.atMs;
    if (kept !== undefined && ageMs < readAgainMs) return kept;
    const usable = kept !== undefined && ageMs < longestKeptMs ? kept : undefined;
    if (mayTry()) return load().catch((error: unknown) => usable ?? Promise.reject(error));
    if (usable) return usable;
    throw new Error(`The keys of ${issuer.issuer} could not be read`);
  };
  return async (header, token) => {
    const keys = await current();
    try {
      return await keys.find(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || !mayTry()) throw error;
      return (await load()).find(header, token);
    }
  };
}

async function keysOf(issuer: TokenIssuer, read: ReadUrl): Promise<JWTVerifyGetKey> {
  const url = issuer.jwksUri ?? (await jwksUriOf(issuer.issuer, read));
  const { status, text } = await read(new URL(url));
  const { data } = KeySet.safeParse(status === 200 ? parsed(text) : undefined);
  if (!data) throw new Error(`${url} answered ${status} and no set of keys`);
  return createLocalJWKSet({ keys: data.keys });
}

/** OpenID Connect Discovery 1.0, 4; RFC 8414, 3. What does not say that it is of this issuer is not believed. */
async function jwksUriOf(issuer: string, read: ReadUrl): Promise<string> {
  const { origin, pathname, protocol } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  for (const url of [
    `${origin}${path}/.well-known/openid-configuration`,
    `${origin}/.well-known/oauth-authorization-server${path}`,
  ]) {
    const { status, text } = await read(new URL(url));
    const { data } = Metadata.safeParse(status === 200 ? parsed(text) : undefined);
    if (
      data?.issuer === issuer &&
      URL.canParse(data.jwks_uri) &&
      new URL(data.jwks_uri).protocol === protocol
    )
      return data.jwks_uri;
  }
  throw new Error(`The metadata of ${issuer} do not say where its keys are`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
