/** Tells of a move of an instance: the log of its state, and the history of its health. */
import type { DrivenInstance, LifecycleState } from '../../instances/model/driven-instance.ts';
import { withChange } from '../../instances/model/health-to-tell.ts';
import type { InstanceHealth } from '../../instances/model/instances.ts';
import type { HealthChange } from '../../monitor/health/model/health-change.ts';
import { keepHealth, logHealth } from '../../monitor/health/tell-of-health.ts';
import type { ReconcileContext } from '../context.ts';

type Telling = Pick<ReconcileContext, 'log' | 'clock' | 'healthHistory' | 'instanceNews' | 'metrics'>;

interface Moved {
  readonly before: DrivenInstance;
  readonly after: DrivenInstance;
  readonly reason: string;
}

export async function tellOfMove(context: Telling, moved: Moved): Promise<void> {
  const movedState = moved.before.state !== moved.after.state;
  if (movedState) logMove(context.log, moved);
  context.instanceNews?.changed.tell(moved.after.service);
  const [before, health] = [healthIn(moved.before), healthIn(moved.after)];
  if (before === health) return;
  const change: HealthChange = {
    service: moved.after.service,
    instance: moved.after.id,
    at: new Date(context.clock.now()).toISOString(),
    before,
    health,
    reason: moved.reason || 'its check passes',
    ...(moved.after.state === 'QUARANTINED' && { quarantined: true }),
  };
  if (!movedState) logHealth(context.log, change);
  await keepHealth(context, change);
}

/** With the change of health that is to be told to those outside, where there is one: the next look tells it. */
export function withHealthChange(
  before: DrivenInstance,
  after: DrivenInstance,
  nowMs: number,
): DrivenInstance {
  const [from, to] = [healthIn(before), healthIn(after)];
  if (from === to) return after;
  const change = { at: new Date(nowMs).toISOString(), from, to };
  return { ...after, healthChanges: withChange(before, change) };
}

const gone: readonly LifecycleState[] = ['FAILED', 'QUARANTINED'];
const runs: readonly LifecycleState[] = ['RUNNING', 'DRAINING', 'STOPPING'];

/** What its state says of it, too: what has ended does not answer, and of what starts nobody knows anything yet. */
function healthIn({ state, health }: DrivenInstance): InstanceHealth {
  if (gone.includes(state)) return 'UNREACHABLE';
  return runs.includes(state) ? health : 'UNKNOWN';
}

/** An end by itself is a warning. How it came may be in words of the service, which stay in the record. */
function logMove(log: ReconcileContext['log'], { before, after }: Moved): void {
  const { service, id: instance, state, exits } = after;
  const about = { service, instance, state, from: before.state };
  const givenUp = before.state === 'STOPPING' && before.problem?.of === 'describe';
  if (exits === before.exits && !givenUp) log.info('instance moved', about);
  else log.warn('instance failed; get_instance says why', about);
}
