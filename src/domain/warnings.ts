/** What a call went well in spite of: shown beside its result, so bounded. */
import type { Fault } from './errors.ts';

const most = 20;

/** At most twenty, and how many more there are. */
export function boundedWarnings(warnings: readonly Fault[]): Fault[] {
  const more = warnings.length - most;
  return more > 0 ? [...warnings.slice(0, most), { path: '', message: `and ${more} more` }] : [...warnings];
}
