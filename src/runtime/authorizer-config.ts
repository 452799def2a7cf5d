/** What the authorizer and the smoke check read: where the admin key is, and what Lambda gives every function. */
import * as z from 'zod';

const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.optional());

export const AuthorizerConfig = z.object({
  /** Name or arn. */
  ADMIN_KEY_SECRET_ID: z.string().min(1),
  AWS_REGION: z.string().min(1),
  AWS_ACCESS_KEY_ID: z.string().min(1),
  AWS_SECRET_ACCESS_KEY: z.string().min(1),
  AWS_SESSION_TOKEN: optional(z.string()),
  /** The names that the AWS SDKs read too (AWS: service-specific endpoints); for emulators. */
  AWS_ENDPOINT_URL_SECRETS_MANAGER: optional(z.url()),
  AWS_ENDPOINT_URL: optional(z.url()),
});
export type AuthorizerConfig = z.infer<typeof AuthorizerConfig>;
