/** How long something took, beside what the processes themselves need. Milliseconds. */
import { quantile } from '../load.ts';

export interface Took {
  readonly ms: readonly number[];
  readonly own: readonly number[];
}

export const median = (ms: readonly number[]): number => quantile(ms, 0.5);
export const longest = (ms: readonly number[]): number => Math.max(...ms);
