/**
 * How long is waited between two looks at what is on its way: not at all where something has just moved, so that what takes
 * no time costs none, and longer the longer nothing has.
 */
import type { ReconcileContext } from '../context.ts';

/** Of the time for which nothing has moved; and of the longest pause, the shortest. */
const share = { ofWait: 0.05, ofLongest: 0.1 };

export function createLookPauses(
  { clock, wait }: Pick<ReconcileContext, 'clock' | 'wait'>,
  longestMs: number,
) {
  let movedAtMs = clock.now();
  return {
    async afterLook(moved: boolean): Promise<void> {
      if (moved) {
        movedAtMs = clock.now();
        return;
      }
      const ms = Math.max((clock.now() - movedAtMs) * share.ofWait, longestMs * share.ofLongest);
      await wait(Math.min(ms, longestMs));
    },
  };
}
