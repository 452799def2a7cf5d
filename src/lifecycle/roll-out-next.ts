/** Asks for the rollout of what the registration of a service says now, once. */
import type { ServiceLifecycle } from '../instances/model/service-lifecycle.ts';
import type { LifecycleContext } from './context.ts';
import { requestChange } from './request-change.ts';

const waveTimeoutSeconds = 900;

export async function rollOutNext(context: LifecycleContext, lifecycle: ServiceLifecycle): Promise<void> {
  const { next, service, template, revision } = lifecycle;
  if (next === undefined) return;
  await requestChange(context, {
    kind: 'rollout',
    waves: [[{ service, action: 'rollout' }]],
    caller: 'registry',
    reason:
      next.version === template.version
        ? `its driver has other settings`
        : `version ${next.version} takes the place of ${template.version}`,
    idempotencyKey: `rollout ${service} ${next.fingerprint} ${revision}`,
    waveTimeoutSeconds,
  });
}
