/**
 * How a service was found to be as a whole when somebody looked last, beside its route. It is written only while somebody wants
 * to be told of changes, by the write that finds one; `untold` goes when it has been told.
 */
import * as z from 'zod';

export const ServiceHealth = z
  .enum(['HEALTHY', 'DEGRADED', 'UNHEALTHY', 'UNKNOWN', 'ASLEEP', 'STOPPED'])
  .describe(
    'HEALTHY: checked, with all it needs. DEGRADED: it can be called, and something is wrong. UNHEALTHY: it cannot be ' +
      'called. UNKNOWN: nobody has looked yet. ASLEEP: the next call starts it. STOPPED: it is not to run',
  );
export type ServiceHealth = z.infer<typeof ServiceHealth>;

export const JudgedBefore = z.object({
  service: z.string(),
  /** Grows with every write. */
  ver: z.number().int(),
  health: ServiceHealth,
  /** The change to it that is to be told. */
  untold: z.object({ at: z.string(), from: ServiceHealth, because: z.array(z.string()) }).optional(),
});
export type JudgedBefore = z.infer<typeof JudgedBefore>;
