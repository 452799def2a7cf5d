/** Asks for the rollout of what the registration of a service says now, once. One that is cancelled is not asked for again. */
import type { ServiceLifecycle } from '../../instances/model/service-lifecycle.ts';
import { requestChange } from '../changes/request-change.ts';
import type { LifecycleContext } from '../context.ts';
import { changeLifecycle } from '../keep-lifecycle.ts';
import { type Change, hasEnded } from '../model/change.ts';

const waveTimeoutSeconds = 900;
/** Each was ended before it began, by something else than a caller. */
const mostAttempts = 5;

export async function rollOutNext(context: LifecycleContext, lifecycle: ServiceLifecycle): Promise<void> {
  // One that waits rolls out what is next when its turn comes.
  if (lifecycle.next === undefined || lifecycle.waiting.some(({ kind }) => kind === 'rollout')) return;
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const change = await askFor(context, lifecycle, attempt);
    if (!hasEnded(change)) return;
    if (change.cancelRequested) return reject(context, lifecycle);
  }
}

async function askFor(
  context: LifecycleContext,
  { next, service, template, routeRevision }: ServiceLifecycle,
  attempt: number,
): Promise<Change> {
  return requestChange(context, {
    kind: 'rollout',
    waves: [[{ service, action: 'rollout' }]],
    caller: 'registry',
    reason:
      next === undefined || next.version === template.version
        ? 'its driver has other settings'
        : `version ${next.version} takes the place of ${template.version}`,
    idempotencyKey: `rollout ${service} ${routeRevision} ${attempt}`,
    waveTimeoutSeconds,
  });
}

const reject = async (
  context: LifecycleContext,
  { service, routeRevision }: ServiceLifecycle,
): Promise<void> => {
  await changeLifecycle(context, service, (one) =>
    one.next === undefined || one.routeRevision !== routeRevision
      ? undefined
      : { ...one, next: undefined, rejected: one.next.fingerprint },
  );
};
