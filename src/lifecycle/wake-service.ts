/** Wakes a service that was scaled to zero, for a call that waits; however many calls ask, it is woken once. */
import type { ServiceLifecycle } from '../instances/model/service-lifecycle.ts';
import type { LifecycleContext } from './context.ts';
import type { Change } from './model/change.ts';
import { requestChange } from './request-change.ts';

const waveTimeoutSeconds = 300;
/** Each before was cancelled before it woke the service. */
const mostAttempts = 20;

/** Gives the id of the change. */
export async function wakeService(context: LifecycleContext, lifecycle: ServiceLifecycle): Promise<string> {
  let change = await askFor(context, lifecycle, 0);
  for (let attempt = 1; change.status === 'CANCELLED' && attempt < mostAttempts; attempt++)
    change = await askFor(context, lifecycle, attempt);
  return change.id;
}

const askFor = (
  context: LifecycleContext,
  { service, asleepSinceMs = 0 }: ServiceLifecycle,
  attempt: number,
): Promise<Change> =>
  requestChange(context, {
    kind: 'wake',
    waves: [[{ service, action: 'wake', from: 0 }]],
    caller: 'calls',
    reason: 'a call came in',
    // Of this sleep: a later one is another.
    idempotencyKey: `wake ${service} ${asleepSinceMs} ${attempt}`,
    waveTimeoutSeconds,
  });
