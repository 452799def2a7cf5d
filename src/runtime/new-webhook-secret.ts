/** A secret as Standard Webhooks writes them: `whsec_` and the base64 of 32 random bytes. */
import { randomBytes } from 'node:crypto';

export const newWebhookSecret = async (): Promise<string> => `whsec_${randomBytes(32).toString('base64')}`;
