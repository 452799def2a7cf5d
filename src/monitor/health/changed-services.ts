/**
 * Of which services it is to be looked at how they are as a whole: in a process that hears of changes, of those that have
 * changed, and of all once a minute, since leases run out by themselves; without news, of all each time.
 */
import type { Clock } from '../../base/clock.ts';
import type { InstanceNews } from '../../instances/instance-news.ts';

const allEveryMs = 60_000;

export type ChangedServices = ReturnType<typeof createChangedServices>;

export function createChangedServices(clock: Clock, news: InstanceNews | undefined) {
  const changed = new Set<string>();
  let allAtMs = Number.NEGATIVE_INFINITY;
  news?.changed.listen((service) => changed.add(service));
  return {
    /** Nobody wants to know: who wants to know next is to find all of them looked at. */
    forget(): void {
      changed.clear();
      allAtMs = Number.NEGATIVE_INFINITY;
    },
    /** Each change is given once. */
    async take(all: () => Promise<readonly string[]>): Promise<readonly string[]> {
      const some = [...changed];
      changed.clear();
      const isNear = clock.now() >= allAtMs && clock.now() - allAtMs < allEveryMs;
      if (news && isNear) return some;
      allAtMs = clock.now();
      return all();
    },
  };
}
