/**
 * A request with the credential of its service. What a service answers with 401 had no effect: the credential is read anew,
 * once, and the request goes out again if there is another one. What the service sends back of it is taken out.
 */
import { redacted } from '../../base/redact.ts';
import type { CredentialsOver, Egress } from '../egress.ts';
import type { EgressRequest, EgressResponse, TextListener } from '../egress-request.ts';
import type { Credential } from '../model/credential.ts';
import {
  type AuthHeaders,
  type Credentials,
  type CredentialsOptions,
  createCredentials,
} from './credentials.ts';

type Send = Egress['send'];

/** For an egress. */
export const sendingWith =
  (options: CredentialsOptions): CredentialsOver =>
  async (send) => {
    const credentials = createCredentials(options, send);
    return (request, sendOnce) => sendAuthorized(request, credentials, sendOnce);
  };

async function sendAuthorized(
  request: EgressRequest & { readonly credential: Credential },
  credentials: Credentials,
  send: Send,
): Promise<EgressResponse> {
  const headers = await credentials.headersFor(request);
  const response = await sendWith(request, headers, send);
  if (response.status !== 401) return response;
  const newer = await credentials.headersFor(request, headers).catch(() => headers);
  return isSame(newer, headers) ? response : await sendWith(request, newer, send);
}

const isSame = (one: AuthHeaders, other: AuthHeaders): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

async function sendWith(request: EgressRequest, headers: AuthHeaders, send: Send): Promise<EgressResponse> {
  const secrets = Object.values(headers).map((value) => value.replace(/^(?:Bearer|Basic) /, ''));
  const { listen } = request;
  const response = await send({
    ...request,
    headers: { ...request.headers, ...headers },
    ...(listen && { listen: (head) => listeningWithout(secrets, listen(head)) }),
  });
  return { ...response, text: without(secrets, response.text) };
}

const listeningWithout = (secrets: readonly string[], take: TextListener | undefined) =>
  take && ((text: string) => take(without(secrets, text)));

/** Shorter than this, it would be found in what has nothing to do with it. */
const shortest = 8;

/** Of a service that repeats what it was sent. */
const without = (secrets: readonly string[], text: string): string =>
  secrets
    .filter(({ length }) => length >= shortest)
    .reduce((kept, secret) => kept.replaceAll(secret, redacted), text);
