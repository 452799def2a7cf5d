/**
 * Writes down the calls that last, so that an instance which is drained by another process is not stopped under them. A call
 * that is over sooner costs nothing.
 */
import type { Log } from '../base/log.ts';
import type { LastingCallStore } from '../instances/store/lasting-call-store.ts';
import type { Target } from './target.ts';

export interface LastingCalls {
  /** Makes the call; `deadline` in milliseconds since the epoch. */
  during<T>(target: Target, deadline: number, call: () => Promise<T>): Promise<T>;
}

export interface LastingCallsOptions {
  readonly store: Pick<LastingCallStore, 'begin' | 'end'>;
  readonly newId: () => string;
  readonly log: Log;
  /** How long a call goes before it is written down; less than `drainSeconds` usually is. */
  readonly afterMs?: number;
}

const usualAfterMs = 5_000;
/** A call may end a moment after its deadline. */
const marginMs = 5_000;

export function createLastingCalls(options: LastingCallsOptions): LastingCalls {
  const { store, newId, log, afterMs = usualAfterMs } = options;

  const told =
    (what: string, { service, instance }: Target) =>
    (error: unknown) =>
      log.warn(what, { service, instance, error: error instanceof Error ? error.name : 'unknown' });

  return {
    async during(target, deadline, call) {
      // Nobody here stops what registers itself.
      if (target.driven !== true) return call();
      const { service, instance, url } = target;
      const place = { service, instance, url, id: newId() };
      let begun: Promise<void> | undefined;
      const timer = setTimeout(() => {
        begun = store
          .begin(place, deadline + marginMs)
          .catch(told('a call that lasts was not written down', target));
      }, afterMs);
      try {
        return await call();
      } finally {
        clearTimeout(timer);
        if (begun) {
          await begun;
          await store
            .end(place)
            .catch(told('a call that has ended is waited for until its deadline', target));
        }
      }
    },
  };
}
