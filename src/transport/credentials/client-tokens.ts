/** Tokens that an authorisation server gives this client (OAuth 2, RFC 6749, 4.4), each kept until it is about to end. */
import * as z from 'zod';
import type { Clock } from '../../base/clock.ts';
import { RecentMap } from '../../base/recent-map.ts';
import { parseJson } from '../answer-text.ts';
import { atMost, type Bounds, waitWithin } from '../deadline.ts';
import type { Egress } from '../egress.ts';
import { isSuccess } from '../http-failure.ts';
import type { AuthScheme } from '../model/credential.ts';
import { type CredentialValues, objectIn, unavailable } from './credential-values.ts';

interface ClientTokensOptions {
  readonly values: CredentialValues;
  readonly clock: Clock;
  readonly send: Egress['send'];
}

interface WantedToken extends Bounds {
  readonly reference: string;
  readonly scheme: Extract<AuthScheme, { kind: 'client-credentials' }>;
}

interface Token {
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly fetchedAtMs: number;
  readonly lastsMs: number;
}

export interface ClientTokens {
  /** A token; another one than `refused`. */
  get(wanted: WantedToken, refused: string | undefined): Promise<string>;
}

const TokenAnswer = z.object({
  access_token: z.string().regex(/^[\x21-\x7e]{1,8192}$/),
  token_type: z.string().regex(/^bearer$/i),
  /** Recommended, not required (RFC 6749, 5.1). */
  expires_in: z.number().positive().default(300),
});

const longestMs = 10_000;
const mostKept = 200;
/** However many calls are refused, a token is fetched so often and no more. */
const leastMs = 5_000;

/** Half a minute before its end it is fetched anew; one that lasts less than a minute at half its time. */
const lastsMs = (seconds: number): number => Math.max(seconds * 1000 - 30_000, seconds * 500);

export function createClientTokens({ values, clock, send }: ClientTokensOptions): ClientTokens {
  const kept = new RecentMap<string, Promise<Token>>(mostKept);

  function fetchToken(id: string, wanted: WantedToken, anew: boolean): Promise<Token> {
    const token = ask(wanted, anew);
    kept.set(id, token);
    token.catch(() => kept.delete(id));
    return token;
  }

  const isGood = ({ text, fetchedAtMs, lastsMs }: Token, refused: string | undefined): boolean => {
    const age = Math.abs(clock.now() - fetchedAtMs);
    return age < (text === refused ? leastMs : lastsMs);
  };

  async function ask({ reference, scheme, subject, deadline }: WantedToken, anew: boolean) {
    const client = objectIn(await values.read(reference, { anew }));
    const { client_id: id, client_secret: secret } = client;
    if (typeof id !== 'string' || typeof secret !== 'string')
      throw unavailable('client-credentials need JSON with client_id and client_secret');
    const response = await send({
      subject: `The token endpoint of ${subject}`,
      method: 'POST',
      repeating: 'safe',
      url: new URL(scheme.tokenUrl),
      headers: {
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded',
        // Form-encoded before Basic (RFC 6749, 2.3.1).
        authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`,
      },
      body: String(formOf(scheme)),
      deadline: atMost(deadline, longestMs),
      maxBytes: 65_536,
    });
    const answer = TokenAnswer.safeParse(parseJson(response.text));
    if (!isSuccess(response) || !answer.success)
      throw unavailable(`the token endpoint answered ${response.status} without a bearer token`);
    const { access_token: text, expires_in: seconds } = answer.data;
    return { text, fetchedAtMs: clock.now(), lastsMs: lastsMs(seconds) };
  }

  return {
    async get(wanted, refused) {
      const { reference, scheme } = wanted;
      const id = JSON.stringify([reference, scheme.tokenUrl, scheme.scope, scheme.audience]);
      const pending = kept.get(id) ?? fetchToken(id, wanted, false);
      const known = await waitWithin(pending, wanted);
      if (isGood(known, refused)) return known.text;
      const latest = kept.get(id);
      const newer = latest && latest !== pending ? latest : fetchToken(id, wanted, refused !== undefined);
      return (await waitWithin(newer, wanted)).text;
    },
  };
}

function formOf({ scope, audience }: WantedToken['scheme']): URLSearchParams {
  const form = new URLSearchParams({ grant_type: 'client_credentials' });
  if (scope !== undefined) form.set('scope', scope);
  if (audience !== undefined) form.set('audience', audience);
  return form;
}
