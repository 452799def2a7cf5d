/**
 * Writes what was asked, by whom and what came of it (ADR 45). Each trail is a writer with an id of its own and numbers its
 * records from 1, so that one which is missing shows.
 */
import { type Clock, isoNow } from '../base/clock.ts';
import { OrchestratorError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Asking } from '../operation/operation.ts';
import { askedText, madeIn, reasonIn, targetsOf } from './model/asked.ts';
import type { AuditEntry, AuditEvent } from './model/audit-event.ts';
import type { AuditKey, AuditStore } from './store/audit-store.ts';

export interface AskedOperation {
  readonly operation: string;
  readonly caller: Asking;
  readonly surface: 'REST' | 'MCP';
  readonly input: unknown;
}

export interface Ended {
  readonly outcome: string;
  /** What the operation has answered. */
  readonly output?: unknown;
}

export interface AuditTrail {
  /** Before the effect. Throws `audit.unavailable` where it cannot be written. */
  begin(asked: AskedOperation): Promise<AuditKey>;
  /** After the effect; a failure is logged, and the record goes on saying `asked`. */
  end(begun: AuditKey, ended: Ended): Promise<void>;
  /** What had no effect; a failure is logged. */
  refused(asked: AskedOperation, outcome: string): Promise<void>;
  /** What nobody has asked for by an operation, and is over already; a failure is logged. */
  note(entry: AuditEntry, outcome: string): Promise<void>;
}

export interface TrailOptions {
  readonly store: AuditStore;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly log: Log;
}

export function createAuditTrail({ store, clock, newId, log }: TrailOptions): AuditTrail {
  const began = isoNow(clock);
  const writer = `${began.replaceAll(/[-:]|\.\d+/g, '')}-${newId().slice(0, 8)}`;
  let written = 0;
  const numbered = (entry: AuditEntry, outcome: string): AuditEvent => {
    written += 1;
    return { ...entry, at: isoNow(clock), writer, sequence: written, outcome };
  };
  const failed = (error: unknown): void =>
    log.error('audit record not written', { writer, cause: error instanceof Error ? error.message : error });
  const note = async (entry: AuditEntry, outcome: string): Promise<void> => {
    await store.add(numbered(entry, outcome)).catch(failed);
  };
  return {
    async begin(asked) {
      try {
        return await store.add(numbered(entryOf(asked), 'asked'));
      } catch (cause) {
        failed(cause);
        const message = 'Nothing was done, since the record of it cannot be written; try again later';
        throw new OrchestratorError('audit.unavailable', message, { cause });
      }
    },
    async end(begun, { outcome, output }) {
      await store.end(begun, { outcome, made: madeIn(output), endedAt: isoNow(clock) }).catch(failed);
    },
    refused: (asked, outcome) => note(entryOf(asked), outcome),
    note,
  };
}

const entryOf = ({ operation, caller, surface, input }: AskedOperation): AuditEntry => ({
  ...targetsOf(operation, input),
  kind: 'operation',
  caller: caller.id,
  role: caller.role,
  by: caller.by,
  surface,
  operation,
  reason: reasonIn(input),
  traceId: caller.trace?.traceId,
  asked: askedText(input),
});
