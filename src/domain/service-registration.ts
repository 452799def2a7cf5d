/**
 * What a registration of a service may say, and how its url is normalised; whether an address may be reached is
 * decided where the call is made (egress).
 */
import validSemver from 'semver/functions/valid.js';
import * as z from 'zod';
import { Name, Transport } from './services.ts';

const isHttpUrl = (text: string): boolean => {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, hash } = new URL(text);
  return ['http:', 'https:'].includes(protocol) && username === '' && password === '' && hash === '';
};

const ServiceUrl = z
  .string()
  .max(2048)
  .refine(isHttpUrl, 'must be an http or https URL without user, password or fragment');

const Version = z
  .string()
  .max(64)
  .refine((text) => validSemver(text) === text, 'must be a semantic version such as 1.4.0');

/** What a caller says of a service. */
export const ServiceRegistration = z.strictObject({
  name: Name.describe('Name of the service, unique in the registry'),
  version: Version.default('0.0.0').describe('Semantic version'),
  transport: Transport.describe('How it is called: mcp (streamable HTTP) or rest'),
  url: ServiceUrl.describe('Where it answers; an mcp url without a path means /mcp'),
  description: z.string().max(500).optional(),
});
export type ServiceRegistration = z.infer<typeof ServiceRegistration>;

/** The url as it is stored and called: `/mcp` is added to an mcp url that has no path. */
export function normaliseUrl(transport: Transport, url: string): string {
  const parsed = new URL(url);
  if (transport === 'mcp' && parsed.pathname === '/') parsed.pathname = '/mcp';
  return parsed.href;
}
