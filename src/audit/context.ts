/** What the audit works with where operations are executed. */
import type { Clock } from '../base/clock.ts';
import type { AuditContext } from './execute-audited.ts';
import type { AuditStore } from './store/audit-store.ts';

export interface AuditOperationContext extends AuditContext {
  readonly auditEvents: AuditStore;
  readonly clock: Clock;
}
