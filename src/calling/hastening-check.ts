/**
 * Asks for the health check of an instance that does not take connections, where checks are made by another function and seldom.
 * It is asked for when a container begins to leave the instance, so once in half a minute at most, and the check counts once in ten
 * seconds, however many containers ask. No call waits for that, and none fails over it. What a driver starts is looked
 * at by who starts it.
 */
import type { Log } from '../base/log.ts';
import type { Target } from './target.ts';

type Ask = (check: { readonly services: readonly string[]; readonly url: string }) => Promise<void>;

export const createHasteningCheck =
  (ask: Ask, log: Pick<Log, 'warn'>) =>
  ({ service, instance, url, driven }: Target): void => {
    if (driven === true) return;
    ask({ services: [service], url }).catch((error: unknown) =>
      log.warn('a health check was not asked for', {
        service,
        instance,
        error: error instanceof Error ? error.name : 'unknown',
      }),
    );
  };
