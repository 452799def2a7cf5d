/** What the authorizer and the smoke check read: where the admin key is, and what Lambda gives every function. */
import * as z from 'zod';

export const AuthorizerConfig = z.object({
  ADMIN_KEY_SECRET_ARN: z.string().startsWith('arn:'),
  AWS_REGION: z.string().min(1),
  AWS_ACCESS_KEY_ID: z.string().min(1),
  AWS_SECRET_ACCESS_KEY: z.string().min(1),
  AWS_SESSION_TOKEN: z.string().min(1).optional(),
  /** The names that the AWS SDKs read too (AWS: service-specific endpoints); for emulators. */
  AWS_ENDPOINT_URL_SECRETS_MANAGER: z.url().optional(),
  AWS_ENDPOINT_URL: z.url().optional(),
});
export type AuthorizerConfig = z.infer<typeof AuthorizerConfig>;
