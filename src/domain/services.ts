/** A service: a named thing that a workflow step can call. */
import * as z from 'zod';

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

/** The one instance of a service that is registered by its url. */
export const instanceOf = (service: Pick<Service, 'name' | 'url'>): string =>
  `${service.name}@${new URL(service.url).host}`;
