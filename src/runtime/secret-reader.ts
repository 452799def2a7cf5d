/** Secrets Manager, read as the environment of the function says. */
import { createSecretReader, type ReadSecret } from '../aws/secrets.ts';
import type { SecretAccess } from './authorizer-config.ts';

export const createConfiguredSecretReader = (config: SecretAccess): ReadSecret =>
  createSecretReader({
    region: config.AWS_REGION,
    endpoint: config.AWS_ENDPOINT_URL_SECRETS_MANAGER ?? config.AWS_ENDPOINT_URL,
    credentials: credentialsOf(config),
  });

export const credentialsOf = (config: SecretAccess) => ({
  accessKeyId: config.AWS_ACCESS_KEY_ID,
  secretAccessKey: config.AWS_SECRET_ACCESS_KEY,
  sessionToken: config.AWS_SESSION_TOKEN,
});
