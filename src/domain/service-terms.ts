/** What everything knows of services: their names, how they are called, and who keeps them. */
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

export const Limits = z.strictObject({
  requestsPerSecond: z
    .number()
    .positive()
    .max(100_000)
    .optional()
    .describe('Calls a second, from each caller'),
  concurrency: z.int().min(1).max(10_000).optional().describe('Calls at the same time, from each caller'),
});
export type Limits = z.infer<typeof Limits>;
