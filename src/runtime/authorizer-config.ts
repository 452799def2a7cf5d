/**
 * What the authorizer and the smoke check read: where the admin key and the callers are, and what Lambda gives every function. In zod's
 * small form, as all that the authorizer checks: the other one would be a third of its cold start.
 */
import * as z from 'zod/mini';
import { TokenIssuersText } from '../access/model/token-issuer.ts';

const text = z.string().check(z.minLength(1));
const optional = <T extends z.ZodMiniType<string>>(schema: T) =>
  z.pipe(
    z.transform((value: unknown) => (value === '' ? undefined : value)),
    z.optional(schema),
  );

const secretAccess = {
  AWS_REGION: text,
  AWS_ACCESS_KEY_ID: text,
  AWS_SECRET_ACCESS_KEY: text,
  AWS_SESSION_TOKEN: optional(z.string()),
  /** The names that the AWS SDKs read too (AWS: service-specific endpoints); for emulators. */
  AWS_ENDPOINT_URL_SECRETS_MANAGER: optional(z.url()),
  AWS_ENDPOINT_URL: optional(z.url()),
};

/** What reading a secret takes. */
export const SecretAccess = z.object(secretAccess);
export type SecretAccess = z.infer<typeof SecretAccess>;

/** Name or arn of the secret that holds the admin key. */
const adminKey = { ADMIN_KEY_SECRET_ID: text };

export const SmokeCheckConfig = z.object({ ...adminKey, ...secretAccess });
export type SmokeCheckConfig = z.infer<typeof SmokeCheckConfig>;

export const AuthorizerConfig = z.object({
  ...adminKey,
  ACCESS_TABLE: text,
  /** Whose tokens are taken besides keys. */
  TOKEN_ISSUERS: TokenIssuersText,
  /** Comma-separated: where issuers may be that are not on the public internet. */
  EGRESS_ALLOWED_NETWORKS: z._default(z.string(), ''),
  AWS_ENDPOINT_URL_DYNAMODB: optional(z.url()),
  ...secretAccess,
});
export type AuthorizerConfig = z.infer<typeof AuthorizerConfig>;
