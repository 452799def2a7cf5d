/** Why a service has no instance to call, and how long whoever calls should wait for one. A service that sleeps is woken. */
import { OrchestratorError } from '../base/errors.ts';
import type { DrivenInstance } from '../instances/model/driven-instance.ts';
import type { ServiceInstances } from '../instances/model/instances.ts';
import type { ServiceLifecycle } from '../instances/model/service-lifecycle.ts';
import { anyVersion } from '../registry/services/model/service-reference.ts';

/**
 * Wakes a service that has no instances until it is called; gives the id of the change that does, undefined where nothing
 * here can. `asleepSinceMs` names the sleep, `workflowId` the execution that calls.
 */
export type Wake = (
  service: string,
  asleepSinceMs?: number,
  workflowId?: string,
) => Promise<string | undefined>;

/** Between two looks at a service that starts. */
const lookSeconds = 0.1;

interface Waking {
  readonly wake?: Wake | undefined;
  readonly workflowId?: string | undefined;
}

export async function noInstance(
  { wake, workflowId }: Waking,
  service: ServiceInstances,
  versionRange: string,
): Promise<OrchestratorError> {
  const { name, lifecycle, driven = [] } = service;
  if (!lifecycle && isDriven(service))
    return (await woken(name, { wake, workflowId })) ?? unavailable(name, versionRange);
  if (!lifecycle || lifecycle.ended) return unavailable(name, versionRange);
  if (lifecycle.desired === 'stopped')
    return new OrchestratorError('service.stopped', `${name} is stopped; start_service starts it`, {
      effect: 'none',
    });
  if (areHeld(lifecycle, driven))
    return new OrchestratorError(
      'service.stopped',
      `stop_instance has stopped all instances of ${name}; start_service starts them`,
      { effect: 'none' },
    );
  if (lifecycle.asleep && wake) return starting(name, await wake(name, lifecycle.asleepSinceMs, workflowId));
  if (
    driven.some(({ state }) => state === 'QUARANTINED') &&
    driven.every(({ state }) => !onTheWay.has(state))
  )
    return new OrchestratorError(
      'service.unavailable',
      `${name} ended again and again and is not started any more; get_instance shows why, recover_instance starts it`,
      { effect: 'none' },
    );
  return starting(name, lifecycle.change);
}

/** Nothing takes the place of one that stop_instance has stopped. */
function areHeld({ count, asleep }: ServiceLifecycle, driven: readonly DrivenInstance[]): boolean {
  const staying = driven.filter(({ leaving }) => !leaving);
  return !asleep && staying.length >= count && staying.every(({ held }) => held);
}

/** One that was registered a moment ago, of which nobody has looked what is wanted. */
const isDriven = ({ route }: ServiceInstances): boolean =>
  route.versions.some(({ driven }) => driven === true);

async function woken(name: string, { wake, workflowId }: Waking): Promise<OrchestratorError | undefined> {
  const changeId = await wake?.(name, undefined, workflowId);
  return changeId === undefined ? undefined : starting(name, changeId);
}

const onTheWay: ReadonlySet<string> = new Set([
  'PENDING',
  'STARTING',
  'RUNNING',
  'FAILED',
  'STOPPING',
  'DRAINING',
]);

const starting = (name: string, changeId: string | undefined): OrchestratorError =>
  new OrchestratorError('service.starting', `${name} is starting, and has no healthy instance yet`, {
    effect: 'none',
    retryAfterSeconds: lookSeconds,
    ...(changeId !== undefined && { members: { changeId } }),
  });

const unavailable = (name: string, versionRange: string): OrchestratorError =>
  new OrchestratorError(
    'service.unavailable',
    `${name} has no healthy instance${versionRange === anyVersion ? '' : ` of a version in ${versionRange}`}; discover_service shows them`,
    { effect: 'none' },
  );
