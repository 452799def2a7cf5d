/**
 * The signature of a webhook, as Standard Webhooks 1.0.0 (standardwebhooks.com) says, so that receivers find a library in
 * their language: HMAC-SHA256 over id, timestamp and body, in three headers.
 */
import { createHmac } from 'node:crypto';
import * as z from 'zod';

/** `whsec_` and the base64 of 24 to 64 random bytes. */
export const WebhookSecret = z
  .string()
  .regex(
    /^whsec_[A-Za-z0-9+/]{32,86}={0,2}$/,
    'must be whsec_ and the base64 of 24 to 64 random bytes, such as openssl rand -base64 32 makes',
  );

export interface Signed {
  /** Names what is asked: the same when it is asked again. */
  readonly id: string;
  readonly seconds: number;
  readonly body: string;
}

/** Throws where the secret is none; the error does not hold it. */
export function createSigner(secret: string): (signed: Signed) => Record<string, string> {
  const key = Buffer.from(WebhookSecret.parse(secret).slice('whsec_'.length), 'base64');
  return ({ id, seconds, body }) => ({
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`,
  });
}
