/**
 * Until when the items of an execution are kept. The stores write it to the attribute by which DynamoDB's TTL removes
 * them (`ttlAttribute` in aws/model/tables.ts), as seconds since the epoch.
 */
import type { ExecutionContext } from './context.ts';
import type { StoredExecution } from './store/execution-store.ts';

type ExpiryContext = Pick<ExecutionContext, 'clock' | 'retentionDays'>;

type Retried = Pick<StoredExecution, 'recordsExpireAtEpochSeconds' | 'startedAt' | 'redrivenAt'>;

const secondsPerDay = 86_400;

/** Step Functions keeps a name taken for 90 days: an idempotency key is remembered as long. */
const namesTakenDays = 90;

/** Of an execution that ends now: after the retention, later when its key must still be known. */
export function executionExpiry(
  { clock, retentionDays }: ExpiryContext,
  { keyed }: { keyed: boolean },
): number {
  const days = keyed ? Math.max(retentionDays, namesTakenDays) : retentionDays;
  return Math.floor(clock.now() / 1000) + days * secondsPerDay;
}

/** Of the steps and results of one that starts now: they are needed as long as it may run, and kept for the retention after. */
export const recordsExpiry = ({ clock, retentionDays }: ExpiryContext, timeoutSeconds: number): number =>
  Math.floor(clock.now() / 1000) + timeoutSeconds + retentionDays * secondsPerDay;

/** Of the same when it is retried now: the time that it may run, and the retention, begin again. */
export const recordsExpiryAfterRetry = (
  { clock }: Pick<ExpiryContext, 'clock'>,
  { recordsExpireAtEpochSeconds, startedAt, redrivenAt }: Retried,
): number =>
  recordsExpireAtEpochSeconds + Math.ceil((clock.now() - Date.parse(redrivenAt ?? startedAt)) / 1000);
