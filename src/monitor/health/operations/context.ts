/** What the operations on health work with. */
import type { InstanceOperationContext } from '../../../instances/context.ts';
import type { CheckContext } from '../check-instance.ts';
import type { HealthHistory } from '../store/health-history.ts';

export interface HealthOperationContext extends InstanceOperationContext, CheckContext {
  readonly healthHistory: HealthHistory;
  readonly clock: InstanceOperationContext['clock'];
  readonly log: InstanceOperationContext['log'];
}
