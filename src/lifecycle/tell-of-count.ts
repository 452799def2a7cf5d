/**
 * Tells whoever wants to know how many instances a service is to have, when a change has made that another number. It keeps
 * no change waiting: a notice that is not taken is logged, and the next one says the number that is wanted then.
 */
import { type Wanted, wantedCount } from '../instances/model/service-lifecycle.ts';
import type { ReconcileContext } from './context.ts';
import type { Change } from './model/change.ts';

export async function tellOfCount(
  { scaled, log }: Pick<ReconcileContext, 'scaled' | 'log'>,
  { id, kind, reason, requestedBy }: Pick<Change, 'id' | 'kind' | 'reason' | 'requestedBy'>,
  { before, after }: { readonly before: Wanted | undefined; readonly after: Wanted },
): Promise<void> {
  const instances = wantedCount(after);
  if (!scaled || !before || wantedCount(before) === instances) return;
  try {
    await scaled({
      token: `${id}.${after.service}`,
      service: after.service,
      instances,
      before: wantedCount(before),
      reason: reason ?? `${kind}, asked for by ${requestedBy}`,
    });
  } catch (error) {
    log.warn('nobody took the notice of a new number of instances', {
      service: after.service,
      error: error instanceof Error ? error.name : 'unknown',
    });
  }
}
