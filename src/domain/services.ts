/**
 * A service: a named thing that a workflow step can call. Decides what a registration may say and how its
 * url is normalised; whether an address may be reached is decided where the call is made (egress).
 */
import { valid as validSemver } from 'semver';
import * as z from 'zod';

export const Name = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,62}$/,
    'must start with a lower-case letter and hold at most 63 of a-z, 0-9 and -',
  );

export const Transport = z.enum(['mcp', 'rest']);
export type Transport = z.infer<typeof Transport>;

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

/** Who keeps a resource: the manifest that is loaded at start or deploy, or calls of the API. */
export const ManagedBy = z.enum(['manifest', 'api']);
export type ManagedBy = z.infer<typeof ManagedBy>;

export const Service = z.object({
  name: z.string(),
  version: z.string(),
  transport: Transport,
  url: z.string(),
  description: z.string().optional(),
  managedBy: ManagedBy,
  registeredAt: z.string().describe('ISO time of the first registration'),
  updatedAt: z.string().describe('ISO time of the last change'),
});
export type Service = z.infer<typeof Service>;

/** The url as it is stored and called: `/mcp` is added to an mcp url that has no path. */
export function normaliseUrl(transport: Transport, url: string): string {
  const parsed = new URL(url);
  if (transport === 'mcp' && parsed.pathname === '/') parsed.pathname = '/mcp';
  return parsed.href;
}

/** The one instance of a service that is registered by its url. */
export const instanceOf = (service: Pick<Service, 'name' | 'url'>): string =>
  `${service.name}@${new URL(service.url).host}`;
