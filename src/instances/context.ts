/** What instances and discovery work with. */
import type { RegistryContext } from '../registry/context.ts';
import type { RegistryOperationContext } from '../registry/operations/context.ts';
import type { InstanceStore } from './store/instance-store.ts';

export interface InstanceContext extends Pick<RegistryContext, 'services' | 'clock'> {
  readonly instances: InstanceStore;
}

export interface InstanceOperationContext extends RegistryOperationContext, InstanceContext {
  /** SHA-256 of a text as hexadecimal digits. */
  readonly hash: (text: string) => string;
}
