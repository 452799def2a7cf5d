/** What ECS says of a task, in the words of drivers. */
import type { Task } from '@aws-sdk/client-ecs';
import type { Observed, ObservedState } from '../../../instances/driver.ts';

/** AWS: the lifecycle of tasks. What is not named here runs, also while it is being stopped. */
const states: Readonly<Record<string, ObservedState>> = {
  PROVISIONING: 'PENDING',
  PENDING: 'PENDING',
  ACTIVATING: 'PENDING',
  DEPROVISIONING: 'EXITED',
  STOPPED: 'EXITED',
  DELETED: 'EXITED',
};

export function observedIn(task: Task): Observed {
  const state = states[task.lastStatus ?? ''] ?? 'RUNNING';
  return { state, ref: task.taskArn, exit: state === 'EXITED' ? { how: exitOf(task) } : undefined };
}

/** Of several containers the one that failed. */
function exitOf({ containers = [], stoppedReason }: Task): string {
  const code = containers.find(({ exitCode }) => exitCode)?.exitCode ?? containers[0]?.exitCode;
  const reason = containers.find((container) => container.reason)?.reason;
  const parts = [code === undefined ? undefined : `with code ${code}`, stoppedReason, reason];
  return parts.filter(Boolean).join(': ') || 'ECS does not say how';
}

/** Of its network interface. */
export function addressOf({ attachments = [] }: Task) {
  const details = attachments.find(({ type }) => type === 'ElasticNetworkInterface')?.details ?? [];
  const detail = (wanted: string) => details.find(({ name }) => name === wanted)?.value;
  return { networkInterface: detail('networkInterfaceId'), privateAddress: detail('privateIPv4Address') };
}
