/**
 * Changes of the health of an instance, in its record: each is written with what made it, and told to those outside who want to
 * know afterwards. What was told last stands beside them, so that a change which a crash left untold is found.
 */
import * as z from 'zod';

const Health = z.enum(['HEALTHY', 'UNHEALTHY', 'UNREACHABLE', 'UNKNOWN']);

export const ChangeToTell = z.object({
  at: z.string(),
  from: Health,
  to: Health,
  /** It changes too often: no call goes to it from now on. */
  flaps: z.literal(true).optional(),
});
export type ChangeToTell = z.infer<typeof ChangeToTell>;

export const healthToTell = {
  /** The last ones, at most three. */
  healthChanges: z.array(ChangeToTell).optional(),
  /** `at` of the one that was told last. */
  healthToldAt: z.string().optional(),
};

interface HealthToTell {
  readonly healthChanges?: readonly ChangeToTell[] | undefined;
  readonly healthToldAt?: string | undefined;
}

const mostKept = 3;

/** Those of a list that come after the one that was told last; where that has gone from the list, all later ones. */
export function untoldOf<T extends { readonly at: string }>(
  list: readonly T[],
  toldAt: string | undefined,
): T[] {
  if (toldAt === undefined) return [...list];
  const last = list.findLastIndex(({ at }) => at === toldAt);
  return last === -1 ? list.filter(({ at }) => at > toldAt) : list.slice(last + 1);
}

export const untoldHealth = ({ healthChanges = [], healthToldAt }: HealthToTell): ChangeToTell[] =>
  untoldOf(healthChanges, healthToldAt);

/** What is told is kept no longer than until the next change. */
export const withChange = (record: HealthToTell, change: ChangeToTell): ChangeToTell[] =>
  [...untoldHealth(record), change].slice(-mostKept);
