/** What the operations on one instance that is started and stopped have in common. */
import * as z from 'zod';
import type { Caller } from '../../access/model/access.ts';
import { type ErrorCode, OrchestratorError } from '../../base/errors.ts';
import { noSuchInstance, Place } from '../../instances/instance-shapes.ts';
import type { DrivenInstance, LifecycleState } from '../../instances/model/driven-instance.ts';
import { readArrows } from '../../registry/dependencies/read-graph.ts';
import { requireLifecycle } from '../keep-lifecycle.ts';
import { canServe } from '../model/fleet-moves.ts';
import type { LifecycleOperationContext } from '../operation-context.ts';
import { askForChange, askOnce } from './ask-for-change.ts';
import { type AskedChange, changeFields } from './change-shapes.ts';

export const InstanceChange = z.strictObject({ ...Place.shape, ...changeFields });
type InstanceChange = z.infer<typeof InstanceChange>;

export const instanceErrors: readonly ErrorCode[] = [
  'service.not-found',
  'service.not-driven',
  'instance.not-found',
  'instance.wrong-state',
  'service.not-running',
  'idempotency.conflict',
  'registry.conflict',
];

type InstanceKind = 'start-instance' | 'stop-instance' | 'restart-instance' | 'recover-instance';

/** The states in which each makes sense. */
const from: Readonly<Record<InstanceKind, readonly LifecycleState[]>> = {
  'start-instance': ['STOPPED', 'FAILED', 'DRAINING', 'STOPPING'],
  'stop-instance': ['PENDING', 'STARTING', 'RUNNING', 'FAILED', 'QUARANTINED'],
  'restart-instance': ['RUNNING'],
  'recover-instance': ['QUARANTINED'],
};

interface Asking {
  readonly input: InstanceChange;
  readonly kind: InstanceKind;
  readonly caller: Caller;
}

export async function askForInstance(
  context: LifecycleOperationContext,
  asking: Asking,
): Promise<AskedChange> {
  return askOnce(context, asking, () => askAnew(context, asking));
}

async function askAnew(
  context: LifecycleOperationContext,
  { input, kind, caller }: Asking,
): Promise<AskedChange> {
  const { service, id } = input;
  const lifecycle = await requireLifecycle(context, service);
  const instance = await context.driven.instance(service, id);
  if (!instance) throw noSuchInstance({ name: service, lifecycle }, id);
  if (kind !== 'stop-instance' && lifecycle.desired === 'stopped')
    throw new OrchestratorError(
      'service.not-running',
      `${service} is stopped as a whole; start_service starts it`,
    );
  refuseState(instance, kind);
  const waves = [[{ service, action: kind, instance: id }]];
  const { arrows } = await readArrows(context);
  const stopping = kind === 'stop-instance' && (await isLastThatServes(context, instance)) ? [service] : [];
  return askForChange(context, { plan: { kind, waves, stopping }, arrows, asked: input, caller });
}

/** Without it nobody is there for those who need its service. */
async function isLastThatServes(
  { driven }: LifecycleOperationContext,
  instance: DrivenInstance,
): Promise<boolean> {
  const { instances } = await driven.ofService(instance.service, { consistent: true });
  return canServe(instance) && !instances.some((one) => one.id !== instance.id && canServe(one));
}

function refuseState({ id, state, held }: DrivenInstance, kind: InstanceKind): void {
  if (from[kind].includes(state) && (kind !== 'start-instance' || state === 'FAILED' || held)) return;
  const operation = kind.replace('-', '_');
  const instead = state === 'QUARANTINED' ? '; recover_instance starts it' : '';
  throw new OrchestratorError(
    'instance.wrong-state',
    `${id} is ${state}${held ? ' and held' : ''}: ${operation} is for one that is ${from[kind].join(' or ')}${instead}`,
  );
}
