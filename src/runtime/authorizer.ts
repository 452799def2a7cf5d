/**
 * The Lambda authorizer of the REST API (AWS: API Gateway, Lambda authorizers of the REQUEST type). Who proves
 * nobody is answered 401: the authorizer throws `Unauthorized`, and the gateway adds the challenge. What a caller
 * may do is decided by the operation, so one answer is good for every method, as the gateway's cache takes it.
 */
import { createHash } from 'node:crypto';
import type { APIGatewayAuthorizerResult } from 'aws-lambda';
import * as z from 'zod/mini';
import type { AccessRecords } from '../access/access-records.ts';
import { apiKeyAuthenticator } from '../access/api-keys.ts';
import {
  type Authenticate,
  adminKeyAuthenticator,
  createAdminKey,
  firstKnown,
  jwtAuthenticator,
} from '../access/authenticate.ts';
import type { TokenIssuer } from '../access/model/token-issuer.ts';
import { createSignedRecords } from '../access/signed-records.ts';
import { passwordAuthenticator, tokenAuthenticator } from '../access/users.ts';
import { late } from '../base/late.ts';
import type { AuthorizerConfig } from './authorizer-config.ts';
import { createConfiguredSecretReader, credentialsOf } from './secret-reader.ts';

const AuthorizerEvent = z.object({
  methodArn: z.string(),
  requestContext: z.nullish(z.object({ identity: z.nullish(z.object({ sourceIp: z.nullish(z.string()) })) })),
  headers: z.nullish(z.record(z.string(), z.optional(z.string()))),
});

export type Authorizer = (event: unknown) => Promise<APIGatewayAuthorizerResult>;

export function createAuthorizer(authenticate: Authenticate): Authorizer {
  return async (event) => {
    const { methodArn, headers, requestContext } = AuthorizerEvent.parse(event);
    const address = requestContext?.identity?.sourceIp ?? undefined;
    const caller = await authenticate(headerIn(headers ?? {}, 'authorization'), address);
    if (!caller) throw new Error('Unauthorized');
    return {
      principalId: caller.id,
      policyDocument: {
        Version: '2012-10-17',
        Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: everyMethodOf(methodArn) }],
      },
      context: { role: caller.role, by: caller.by },
    };
  };
}

const headerIn = (
  headers: Readonly<Record<string, string | undefined>>,
  wanted: string,
): string | undefined => Object.entries(headers).find(([name]) => name.toLowerCase() === wanted)?.[1];

/** `arn:…:<api>/<stage>/<method>/<path>` as `arn:…:<api>/<stage>/*`. */
const everyMethodOf = (methodArn: string): string => `${methodArn.split('/').slice(0, 2).join('/')}/*`;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const clock = { now: () => Date.now() };

/** With the half minute for which API Gateway keeps an answer it is less than a minute. */
const recordsKeptMs = 25_000;

/** The authenticator of a deployment: keys in the access table, and the admin key in Secrets Manager. */
export function createSecretAuthenticator(config: AuthorizerConfig): Authenticate {
  const readSecret = createConfiguredSecretReader(config);
  const read = () => readSecret(config.ADMIN_KEY_SECRET_ID);
  const records = createSignedRecords({
    table: config.ACCESS_TABLE,
    region: config.AWS_REGION,
    endpoint: config.AWS_ENDPOINT_URL_DYNAMODB ?? config.AWS_ENDPOINT_URL,
    credentials: credentialsOf(config),
  });
  return firstKnown([
    ...recorded({ records, keptMs: recordsKeptMs }),
    ...issued(config.TOKEN_ISSUERS, config.EGRESS_ALLOWED_NETWORKS.split(',').filter(Boolean)),
    adminKeyAuthenticator(createAdminKey({ read, hash: sha256, clock })),
  ]);
}

/** Who is in the access table: each looks at a header of its own form. */
function recorded(kept: { readonly records: AccessRecords; readonly keptMs: number }): Authenticate[] {
  const options = { ...kept, hash: sha256, clock };
  const isPassword = late(async () => (await import('../access/password-hash.ts')).isPassword);
  return [
    apiKeyAuthenticator(options),
    tokenAuthenticator(options),
    passwordAuthenticator({ ...options, isPassword }),
  ];
}

/** Tokens of OAuth and OIDC: what reads and checks them is loaded with the first one. */
function issued(issuers: readonly TokenIssuer[], allowedNetworks: readonly string[]): Authenticate[] {
  if (issuers.length === 0) return [];
  const verify = late(async () => {
    const { createTokenVerifier } = await import('../access/bearer-tokens.ts');
    const { createSmallGet } = await import('../transport/small-get.ts');
    const read = createSmallGet({ allowedNetworks });
    return createTokenVerifier({ issuers, read, clock });
  });
  return [jwtAuthenticator(verify)];
}

export interface LocalAuthentication {
  readonly issuers?: readonly TokenIssuer[];
  /** Networks besides the public internet in which issuers may be. */
  readonly allowedNetworks?: readonly string[];
  readonly records: AccessRecords;
  /** Of the environment; undefined where it names none. */
  readonly adminKey: string | undefined;
}

/** The authenticator of local mode, which keeps no record: what was revoked is refused at once. */
export function createLocalAuthenticator(options: LocalAuthentication): Authenticate {
  const { records, adminKey, issuers = [], allowedNetworks = [] } = options;
  const known = [...recorded({ records, keptMs: 0 }), ...issued(issuers, allowedNetworks)];
  if (adminKey === undefined) return firstKnown(known);
  const expected = sha256(adminKey);
  return firstKnown([...known, adminKeyAuthenticator(async (text) => sha256(text) === expected)]);
}
