/**
 * How every surface executes an operation: what changes something is recorded before its effect and told its end after it.
 * What has a trail of its own is not recorded, and of what only reads only a refusal (ADR 45).
 */
import { type ErrorCode, toOrchestratorError } from '../base/errors.ts';
import type { Executed, Operation } from '../operation/operation.ts';
import type { AskedOperation, AuditTrail } from './audit-trail.ts';
import type { AuditKey } from './store/audit-store.ts';

export interface AuditContext {
  readonly audit: AuditTrail;
}

type Asked = Omit<AskedOperation, 'operation'>;

/** Executions have a caller, a time and an end, and calls a line of the log; a heartbeat changes nothing but a time. */
const withTrailOfTheirOwn: ReadonlySet<string> = new Set([
  'start_workflow',
  'call_workflow',
  'call_service',
  'heartbeat',
]);

/** Whether it leaves a record, without which it does nothing: `audit.unavailable`. */
export const isRecorded = ({ id, hints }: Pick<Operation, 'id' | 'hints'>): boolean =>
  !hints.readOnly && !withTrailOfTheirOwn.has(id);

export async function executeAudited<Context extends AuditContext>(
  operation: Operation<Context>,
  context: Context,
  { caller, ...how }: Asked,
): Promise<Executed> {
  const { audit } = context;
  const asked = { ...how, caller, operation: operation.id };
  let begun: AuditKey | undefined;
  const beforeEffect = async () => {
    begun = await audit.begin(asked);
  };
  try {
    const asking = isRecorded(operation) ? { ...caller, beforeEffect } : caller;
    const executed = await operation.execute(context, asking, how.input);
    if (begun) await audit.end(begun, { outcome: 'done', output: executed.output });
    return executed;
  } catch (thrown) {
    const { code } = toOrchestratorError(thrown);
    if (begun) await audit.end(begun, { outcome: code });
    else if (isNoted(operation, code)) await audit.refused(asked, code);
    throw thrown;
  }
}

/** What has not begun: whoever is throttled must not fill the table, and a record that cannot be written is none. */
const isNoted = (operation: Pick<Operation, 'id' | 'hints'>, code: ErrorCode): boolean =>
  code === 'access.denied' || (isRecorded(operation) && code === 'request.invalid');
