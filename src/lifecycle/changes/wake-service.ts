/** Wakes a service that was scaled to zero, for a call that waits; however many calls ask, it is woken once. */
import { OrchestratorError } from '../../base/errors.ts';
import type { LifecycleContext } from '../context.ts';
import type { Change } from '../model/change.ts';
import { type ChangeRequest, requestChange } from './request-change.ts';

const waveTimeoutSeconds = 300;
/** Each before was cancelled before it woke the service. */
const mostAttempts = 20;

interface Waking {
  readonly asleepSinceMs?: number | undefined;
  /** The execution whose call was first: of those that come later the change says nothing. */
  readonly workflowId?: string | undefined;
}

/** Gives the id of the change; undefined where nothing here starts the service. `asleepSinceMs` names the sleep. */
export async function wakeService(
  context: LifecycleContext,
  service: string,
  { asleepSinceMs = 0, workflowId }: Waking = {},
): Promise<string | undefined> {
  const sleep = `wake ${service} ${asleepSinceMs}`;
  try {
    let change = await askFor(context, service, { idempotencyKey: `${sleep} 0`, workflowId });
    for (let attempt = 1; change.status === 'CANCELLED' && attempt < mostAttempts; attempt++)
      change = await askFor(context, service, { idempotencyKey: `${sleep} ${attempt}`, workflowId });
    return change.id;
  } catch (error) {
    if (error instanceof OrchestratorError && error.code === 'service.not-driven') return undefined;
    throw error;
  }
}

/** A later sleep is another change. */
const askFor = (
  context: LifecycleContext,
  service: string,
  asked: Pick<ChangeRequest, 'idempotencyKey' | 'workflowId'>,
): Promise<Change> =>
  requestChange(context, {
    kind: 'wake',
    waves: [[{ service, action: 'wake', from: 0 }]],
    caller: 'calls',
    reason: 'a call came in',
    ...asked,
    waveTimeoutSeconds,
  });
