/**
 * From the records of a journal to the engine as it was: each entry is applied as soon as it is read, by the code
 * that applied it when it happened, so reading needs no more memory than what it leads to.
 */
import { parseDefinition } from '../asl/parse-definition.ts';
import type { Program } from '../asl/program.ts';
import { Execution } from '../running/execution.ts';
import { UnreadableJournalError } from './read-journal.ts';
import type { ClosedRecord, EntryRecord, JournalRecord, MachineRecord, StartRecord } from './record.ts';

/** Closed executions whose history outlives a compaction of the journal. */
export const journalledHistories = 1_000;

export class Restored {
  readonly machines = new Map<string, MachineRecord>();
  /** Definition by revision. */
  readonly revisions = new Map<string, string>();
  readonly #programs = new Map<string, Program>();
  readonly #executions = new Map<number, Execution>();
  readonly #closedInOrder: Execution[] = [];

  /** In the order of their start. */
  executions(): Execution[] {
    this.#dropHistories();
    return [...this.#executions.values()].sort((a, b) => a.start.number - b.start.number);
  }

  /** Throws `UnreadableJournalError`, or `MisplacedEntryError` of the fold. */
  add(record: JournalRecord): void {
    switch (record.kind) {
      case 'step-functions-journal':
        return;
      case 'revision':
        this.revisions.set(record.id, record.definition);
        return;
      case 'machine':
        this.machines.set(record.arn, record);
        return;
      case 'machine-deleted':
        this.machines.delete(record.arn);
        return;
      case 'start':
        this.#executions.set(record.number, this.#started(record));
        return;
      case 'closed':
        this.#executions.set(record.number, summarised(record));
        return;
      case 'entry':
        this.#apply(record);
    }
  }

  #started({ kind, ...start }: StartRecord): Execution {
    return new Execution(start, this.#programOf(start.revisionId));
  }

  #programOf(revisionId: string): Program {
    const known = this.#programs.get(revisionId);
    if (known !== undefined) return known;
    const parsed = parseDefinition(this.revisions.get(revisionId) ?? '');
    if (!parsed.ok) throw new UnreadableJournalError(`revision ${revisionId} cannot be run by this version`);
    this.#programs.set(revisionId, parsed.program);
    return parsed.program;
  }

  #apply({ kind, execution: number, ...entry }: EntryRecord): void {
    const execution = this.#executions.get(number);
    if (execution === undefined) throw new UnreadableJournalError(`execution ${number} was not started`);
    const frame = execution.frameOf(entry);
    if (frame === undefined)
      throw new UnreadableJournalError(`${execution.start.arn} has no frame '${entry.frame}'`);
    execution.apply(entry, frame);
    if (execution.root !== undefined || execution.left !== undefined) return;
    this.#closedInOrder.push(execution);
    if (this.#closedInOrder.length >= 2 * journalledHistories) this.#dropHistories();
  }

  #dropHistories(): void {
    const tooMany = Math.max(0, this.#closedInOrder.length - journalledHistories);
    for (const old of this.#closedInOrder.splice(0, tooMany)) old.forgetHistory();
  }
}

function summarised(record: ClosedRecord): Execution {
  const { kind, status, stopDate, outputText, error, cause, redriveCount, redriveDate, ...start } = record;
  const execution = new Execution(start);
  execution.redriveCount = redriveCount ?? 0;
  execution.redriven = redriveDate === undefined ? undefined : { at: redriveDate, clientToken: undefined };
  execution.status = status;
  execution.stopDate = stopDate;
  execution.outputText = outputText;
  execution.error = error;
  execution.cause = cause;
  execution.forgetHistory();
  return execution;
}
