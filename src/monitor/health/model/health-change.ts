/** A change of the health of an instance: what the history keeps and subscribers are told. */
import * as z from 'zod';
import { InstanceHealth } from '../../../instances/model/instances.ts';

export const HealthChange = z.object({
  service: z.string(),
  instance: z.string(),
  at: z.string().describe('ISO time'),
  health: InstanceHealth,
  before: InstanceHealth,
  reason: z.string(),
  quarantined: z
    .literal(true)
    .optional()
    .describe('From now on no call goes to it, since it changed too often'),
});
export type HealthChange = z.infer<typeof HealthChange>;
