/**
 * The credential that a service wants: where it is kept, and how it is sent. A reference names a store and what is kept in
 * it; it never is the credential. `secret://name#key@host` reads the field `key` of a secret that holds JSON, and is sent
 * to that host alone.
 */
import * as z from 'zod';

export const credentialStores = ['secret', 'ssm', 'env', 'file'] as const;
export type CredentialStore = (typeof credentialStores)[number];

const form =
  /^(secret|ssm|env|file):\/\/([A-Za-z0-9/_+=.:-]{1,256})(?:#([A-Za-z0-9_.-]{1,64}))?(?:@([A-Za-z0-9.:[\]-]{1,255}))?$/;

const wanted =
  'must name where the credential is kept: secret://name, ssm:///path, env://NAME or file:///path, perhaps with #key and @host behind';

export const AuthReference = z
  .string()
  .regex(form, wanted)
  .refine((text) => !/(^|\/)\.\.(\/|$)/.test(text), 'must not go up a folder');

/** A token of RFC 9110, 5.6.2, that no part of HTTP has another use for. */
const headerName =
  /^(?!(?:host|connection|content-.*|transfer-encoding|te|trailer|upgrade|expect|cookie|idempotency-key)$)[a-z0-9-]{1,64}$/i;

export const AuthScheme = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('bearer').describe('Sends Authorization: Bearer (RFC 6750)') }),
  z.strictObject({
    kind: z
      .literal('basic')
      .describe('Sends Authorization: Basic of user:password, or of JSON with username and password'),
  }),
  z.strictObject({
    kind: z.literal('header').describe('Sends the value alone, in a header of its own'),
    header: z
      .string()
      .regex(headerName, 'must be the name of a header that holds keys, such as X-API-Key')
      .describe('Name of the header, such as X-API-Key'),
  }),
  z.strictObject({
    kind: z
      .literal('client-credentials')
      .describe('Sends a token of OAuth 2 (RFC 6749, 4.4), for JSON with client_id and client_secret'),
    tokenUrl: z
      .url({ protocol: /^https?$/ })
      .max(2048)
      .describe('Where the token is asked for'),
    scope: z.string().max(500).optional().describe('What the token is to allow'),
    audience: z.string().max(500).optional().describe('Whom the token is for'),
  }),
]);
export type AuthScheme = z.infer<typeof AuthScheme>;

/** What a request carries for the sake of a service. */
export interface Credential {
  readonly reference: string;
  readonly scheme: AuthScheme;
}

export interface ParsedReference {
  readonly store: CredentialStore;
  readonly name: string;
  /** The field of a value that is JSON. */
  readonly key?: string | undefined;
  /** The only host that it is sent to. */
  readonly host?: string | undefined;
}

const Store = z.enum(credentialStores);

/** Undefined for what is none, such as a name that an earlier release took. */
export function parseAuthReference(reference: string): ParsedReference | undefined {
  const parsed = AuthReference.safeParse(reference);
  const [, store, name, key, host] = form.exec(reference) ?? [];
  if (!parsed.success || name === undefined) return undefined;
  return { store: Store.parse(store), name, key, host };
}
