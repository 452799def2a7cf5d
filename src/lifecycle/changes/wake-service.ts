/** Wakes a service that was scaled to zero, for a call that waits; however many calls ask, it is woken once. */
import { OrchestratorError } from '../../base/errors.ts';
import type { LifecycleContext } from '../context.ts';
import type { Change } from '../model/change.ts';
import { requestChange } from './request-change.ts';

const waveTimeoutSeconds = 300;
/** Each before was cancelled before it woke the service. */
const mostAttempts = 20;

/** Gives the id of the change; undefined where nothing here starts the service. `asleepSinceMs` names the sleep. */
export async function wakeService(
  context: LifecycleContext,
  service: string,
  asleepSinceMs = 0,
): Promise<string | undefined> {
  const sleep = `wake ${service} ${asleepSinceMs}`;
  try {
    let change = await askFor(context, service, `${sleep} 0`);
    for (let attempt = 1; change.status === 'CANCELLED' && attempt < mostAttempts; attempt++)
      change = await askFor(context, service, `${sleep} ${attempt}`);
    return change.id;
  } catch (error) {
    if (error instanceof OrchestratorError && error.code === 'service.not-driven') return undefined;
    throw error;
  }
}

/** A later sleep is another change. */
const askFor = (context: LifecycleContext, service: string, idempotencyKey: string): Promise<Change> =>
  requestChange(context, {
    kind: 'wake',
    waves: [[{ service, action: 'wake', from: 0 }]],
    caller: 'calls',
    reason: 'a call came in',
    idempotencyKey,
    waveTimeoutSeconds,
  });
