/**
 * An execution of which a record was lost. What it did up to there is known; what followed is not used, since it may
 * build on what was lost, but for how the execution ended, if it says so.
 */
import type { Execution } from '../running/execution.ts';
import type { ClosedRecord, EntryRecord, StartRecord } from './record.ts';

/** What becomes of it in the repaired journal. */
export type Fate =
  /** Its start was lost: it is unknown from now on, and whoever started it may do so again under its name. */
  | { readonly kind: 'forgotten' }
  /** How it ended is known, and no history. */
  | { readonly kind: 'outcome'; readonly record: ClosedRecord }
  /** Its first `kept` entries stay, then it fails. */
  | { readonly kind: 'failed'; readonly kept: number; readonly closing: EntryRecord }
  /** It had ended before; what was lost came after. */
  | { readonly kind: 'as it ended'; readonly kept: number };

export const journalDamaged = 'Engine.JournalDamaged';

const endings: Partial<Record<EntryRecord['type'], ClosedRecord['status']>> = {
  ExecutionSucceeded: 'SUCCEEDED',
  ExecutionFailed: 'FAILED',
  ExecutionTimedOut: 'TIMED_OUT',
  ExecutionAborted: 'ABORTED',
};

const textOf = (output: unknown): string => JSON.stringify(output) ?? 'null';

export class IncompleteExecution {
  /** Undefined when its start or its definition was lost. */
  readonly execution: Execution | undefined;
  readonly #start: StartRecord | undefined;
  readonly #reason: string;
  readonly #kept: number;
  #ending: EntryRecord | undefined;
  #redrive: EntryRecord | undefined;

  /** `reason` is the beginning of a sentence: what was lost. */
  constructor(reason: string, start?: StartRecord, execution?: Execution) {
    this.execution = execution;
    this.#start = start;
    this.#reason = reason;
    this.#kept = execution?.entryCount ?? 0;
  }

  get arn(): string | undefined {
    return this.#start?.arn;
  }

  /** An entry that was read behind what was lost. */
  observe(entry: EntryRecord): void {
    if (entry.type in endings) this.#ending = entry;
    if (entry.type !== 'ExecutionRedriven') return;
    this.#ending = undefined;
    this.#redrive = entry;
  }

  fate(now: number): Fate {
    const { execution } = this;
    if (this.#start === undefined) return { kind: 'forgotten' };
    if (this.#ending !== undefined)
      return { kind: 'outcome', record: this.#outcome(this.#start, this.#ending) };
    const kept = this.#kept;
    if (execution !== undefined && execution.root === undefined) return { kind: 'as it ended', kept };
    const closing = this.#failure(this.#start, now);
    if (execution === undefined) return { kind: 'outcome', record: this.#outcome(this.#start, closing) };
    return { kind: 'failed', kept, closing };
  }

  /** A closed execution that was closed again had been redriven between. */
  #redriveCount(): number {
    const { redriveCount = 0, root } = this.execution ?? {};
    const again = this.#ending !== undefined && this.execution !== undefined && root === undefined ? 1 : 0;
    return Math.max(redriveCount + again, this.#redrive?.redriveCount ?? 0);
  }

  #outcome({ kind, ...start }: StartRecord, { type, at, output, error, cause }: EntryRecord): ClosedRecord {
    const status = endings[type] ?? 'FAILED';
    const redriveCount = this.#redriveCount();
    return {
      kind: 'closed',
      ...start,
      status,
      stopDate: at,
      outputText: status === 'SUCCEEDED' ? textOf(output) : undefined,
      error,
      cause,
      ...(redriveCount > 0 && { redriveCount, redriveDate: this.#redrive?.at ?? at }),
    };
  }

  #failure({ number }: StartRecord, at: number): EntryRecord {
    const cause =
      `${this.#reason} in the journal of the local engine, so what happened after event #` +
      `${this.execution?.eventCount ?? 1} is not known. The execution was ended; ` +
      'a redrive goes on from what is known, and may do again what was done since.';
    const ended = { type: 'ExecutionFailed', frame: '', at, error: journalDamaged, cause } as const;
    return { kind: 'entry', execution: number, n: this.#kept, ...ended };
  }
}
