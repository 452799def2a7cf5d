/** How the instances of a service are replaced when a newer version of it, or a restart, asks for it. */
import * as z from 'zod';
import { wholeNumber } from '../../../base/bounded-number.ts';

export const Rollout = z.strictObject({
  strategy: z
    .enum(['rolling', 'all-at-once'])
    .default('rolling')
    .describe('rolling: batch by batch; all-at-once: all new ones first, then all old ones go'),
  batchSize: wholeNumber({ from: 1, to: 100, example: 1 })
    .default(1)
    .describe('How many are replaced at a time, and may be there besides'),
  maxUnavailable: wholeNumber({ from: 0, to: 1000, example: 0 })
    .default(0)
    .describe('How many of the wanted instances may be missing meanwhile'),
  minHealthySeconds: wholeNumber({ from: 0, to: 600, example: 1 })
    .default(1)
    .describe('How long a new one has to be healthy before an old one goes'),
  onFailure: z
    .enum(['stop', 'rollback'])
    .default('rollback')
    .describe('When new ones do not become healthy: stop there, or go back to what was there before'),
});
export type Rollout = z.infer<typeof Rollout>;
