/** Wakes a service that was scaled to zero, for a call that waits; however many calls ask, it is woken once. */
import type { ServiceLifecycle } from '../instances/model/service-lifecycle.ts';
import type { LifecycleContext } from './context.ts';
import { requestChange } from './request-change.ts';

const waveTimeoutSeconds = 300;

/** Gives the id of the change. */
export async function wakeService(
  context: LifecycleContext,
  { service, asleepSinceMs = 0 }: ServiceLifecycle,
): Promise<string> {
  const { id } = await requestChange(context, {
    kind: 'wake',
    waves: [[{ service, action: 'wake', from: 0 }]],
    caller: 'calls',
    reason: 'a call came in',
    // Of this sleep: a later one is another.
    idempotencyKey: `wake ${service} ${asleepSinceMs}`,
    waveTimeoutSeconds,
  });
  return id;
}
