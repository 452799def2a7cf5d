/**
 * Records who was not let in, without letting the answer wait. Guessing must not fill the table: 60 a minute are recorded,
 * and the next record says how many more there were.
 */
import type { AuditTrail } from '../src/audit/audit-trail.ts';
import type { Clock } from '../src/base/clock.ts';
import { redactText } from '../src/base/redact.ts';

export interface NotLetIn {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly address: string | undefined;
}

const mostPerMinute = 60;
const minuteMs = 60_000;
const mostCharacters = 200;

export function createDoorAudit(audit: AuditTrail, clock: Clock): (refused: NotLetIn) => void {
  let minute = 0;
  let recorded = 0;
  let unrecorded = 0;
  return ({ method, path, address }) => {
    const now = Math.floor(clock.now() / minuteMs);
    if (now !== minute) [minute, recorded] = [now, 0];
    if (recorded === mostPerMinute) {
      unrecorded += 1;
      return;
    }
    recorded += 1;
    const entry = {
      kind: 'refusal' as const,
      surface: 'door',
      operation: redactText(`${method} ${path}`).slice(0, mostCharacters),
      address,
      ...(unrecorded > 0 && { unrecorded }),
    };
    unrecorded = 0;
    void audit.note(entry, 'access.unauthenticated');
  };
}
