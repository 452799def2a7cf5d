/** What everything knows of services: their names, urls and versions, how they are called, and who keeps them. */
import validSemver from 'semver/functions/valid.js';
import * as z from 'zod';
import { wholeNumber } from '../../../base/bounded-number.ts';
import { mcpUrl } from '../../../transport/model/service-url.ts';

export const Name = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,62}$/,
    'must start with a lower-case letter and hold at most 63 of a-z, 0-9 and -',
  );

export const Transport = z.enum(['mcp', 'rest']);
export type Transport = z.infer<typeof Transport>;

/** Who keeps a resource: the manifest that is loaded at start or deploy, or calls of the API. */
export const ManagedBy = z.enum(['manifest', 'api']);
export type ManagedBy = z.infer<typeof ManagedBy>;

const rate = 'must be a number above 0, at most 100000, such as 10';

export const Limits = z.strictObject({
  requestsPerSecond: z
    .number({ error: rate })
    .positive({ error: rate })
    .max(100_000, { error: rate })
    .optional()
    .describe('Calls a second, from each caller'),
  concurrency: wholeNumber({ from: 1, to: 10_000, example: 20 })
    .optional()
    .describe('Calls at the same time, from each caller'),
});
export type Limits = z.infer<typeof Limits>;

export const TrustHints = z
  .boolean()
  .describe(
    'Whether what its tools say of themselves (readOnlyHint, idempotentHint) is believed: such a call may be repeated',
  );

const isHttpUrl = (text: string): boolean => {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, hash } = new URL(text);
  return ['http:', 'https:'].includes(protocol) && username === '' && password === '' && hash === '';
};

export const ServiceUrl = z
  .string()
  .max(2048)
  .refine(isHttpUrl, 'must be an http or https URL without user, password or fragment');

export const Version = z
  .string()
  .max(64)
  .refine((text) => validSemver(text) === text, 'must be a semantic version such as 1.4.0');

export const Tag = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,62}$/,
    'must hold at most 63 of a-z, 0-9, ., _ and -, and begin with a-z or 0-9',
  );

/**
 * The url as it is stored and called. Whether its address may be reached is
 * decided where the call is made (egress).
 */
export function normaliseUrl(transport: Transport, url: string): string {
  return (transport === 'mcp' ? mcpUrl(url) : new URL(url)).href;
}
