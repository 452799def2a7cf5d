/** What the operations of lifecycle work with. */
import type { RunningContext } from '../executions/running-executions.ts';
import type { InstanceOperationContext } from '../instances/context.ts';
import type { LifecycleContext } from './context.ts';

export interface LifecycleOperationContext
  extends LifecycleContext,
    InstanceOperationContext,
    RunningContext {
  readonly services: InstanceOperationContext['services'];
  /** Whether a process or a container may be given as a driver over the API. */
  readonly clock: LifecycleContext['clock'];
}
