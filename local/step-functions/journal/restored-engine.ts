/**
 * From the records of a journal to the engine as it was: each entry is applied as soon as it is read, by the code
 * that applied it when it happened, so reading needs no more memory than what it leads to. An execution that cannot be
 * followed, since a record of it was lost, is set apart; the others do not notice.
 */
import { parseDefinition } from '../asl/parse-definition.ts';
import type { Program } from '../asl/program.ts';
import { Execution } from '../running/execution.ts';
import type { Frame } from '../running/frame.ts';
import { IncompleteExecution } from './incomplete-execution.ts';
import { executionOf } from './outcome.ts';
import type { LostRecord } from './read-journal.ts';
import type { EntryRecord, JournalRecord, MachineRecord, StartRecord } from './record.ts';

/** Closed executions whose history outlives a compaction of the journal. */
export const journalledHistories = 1_000;

const recordLost = 'A record of this execution was damaged';

export class RestoredEngine {
  readonly machines = new Map<string, MachineRecord>();
  /** Definition by revision. */
  readonly revisions = new Map<string, string>();
  /** By number. */
  readonly incomplete = new Map<number, IncompleteExecution>();
  readonly #programs = new Map<string, Program | undefined>();
  readonly #executions = new Map<number, Execution>();
  readonly #closedInOrder: Execution[] = [];
  /** Numbers of open executions that a record was of, perhaps, of which nothing tells what it was about. */
  readonly #inDoubt = new Set<number>();

  /** In the order of their start. */
  executions(): Execution[] {
    this.#dropHistories();
    return [...this.#executions.values()].sort((a, b) => a.start.number - b.start.number);
  }

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
        this.#start(record);
        return;
      case 'closed':
        this.#executions.set(record.number, executionOf(record));
        return;
      case 'entry':
        this.#follow(record);
    }
  }

  /** A machine of which a record was lost is not known any more, until a later record says what it is. */
  lost({ subject }: Pick<LostRecord, 'subject'>): void {
    if (subject?.startsWith('m:')) this.machines.delete(subject.slice(2));
    else if (subject === undefined) this.#doubtOpenOnes();
    else if (/^\d+$/.test(subject)) this.breakOff(Number(subject), recordLost);
  }

  /**
   * When all is read: executions that go on and may have lost a record, each from what is known of it. One that waits
   * for a callback, which may have come, counts as incomplete, or it might wait for good.
   */
  inDoubt(): Execution[] {
    const open = [...this.#inDoubt].flatMap((number) => this.#executions.get(number) ?? []);
    const waiting = open.filter(({ root }) => root !== undefined && waitsForCallback(root));
    for (const { start } of waiting)
      this.breakOff(
        start.number,
        'A record was damaged that may have been the end of a task of this execution',
      );
    return open.filter((execution) => execution.root !== undefined && !waiting.includes(execution));
  }

  #doubtOpenOnes(): void {
    for (const [number, { root }] of this.#executions) if (root !== undefined) this.#inDoubt.add(number);
  }

  /** From here on the execution is not followed. `reason` is the beginning of a sentence: what was lost. */
  breakOff(number: number, reason: string): void {
    if (this.incomplete.has(number)) return;
    const execution = this.#executions.get(number);
    this.#executions.delete(number);
    const known = execution && { kind: 'start' as const, ...execution.start };
    this.incomplete.set(number, new IncompleteExecution(reason, known, execution));
  }

  #start(record: StartRecord): void {
    const { kind, ...start } = record;
    if (this.incomplete.has(record.number)) return;
    const program = this.#programOf(start.revisionId);
    if (program !== undefined) this.#executions.set(record.number, new Execution(start, program));
    else this.incomplete.set(record.number, new IncompleteExecution('Its definition was damaged', record));
  }

  /** Undefined for one that is not there, or cannot be run by this version. */
  #programOf(revisionId: string): Program | undefined {
    if (this.#programs.has(revisionId)) return this.#programs.get(revisionId);
    const parsed = parseDefinition(this.revisions.get(revisionId) ?? '', { stored: true });
    const program = parsed.ok ? parsed.program : undefined;
    this.#programs.set(revisionId, program);
    return program;
  }

  #follow(record: EntryRecord): void {
    if (!this.incomplete.has(record.execution) && !this.#apply(record))
      this.breakOff(record.execution, recordLost);
    this.incomplete.get(record.execution)?.observe(record);
  }

  /** False when the entry cannot follow what went before. */
  #apply({ kind, execution: number, n, ...entry }: EntryRecord): boolean {
    const execution = this.#executions.get(number);
    const frame = execution?.frameOf(entry);
    if (execution === undefined || frame === undefined) return false;
    if (n !== undefined && n !== execution.entryCount) return false;
    try {
      execution.apply(entry, frame);
    } catch {
      return false;
    }
    if (n !== undefined) this.#inDoubt.delete(number);
    if (execution.root === undefined && execution.left === undefined) this.#closed(execution);
    return true;
  }

  #closed(execution: Execution): void {
    this.#closedInOrder.push(execution);
    if (this.#closedInOrder.length >= 2 * journalledHistories) this.#dropHistories();
  }

  #dropHistories(): void {
    const tooMany = Math.max(0, this.#closedInOrder.length - journalledHistories);
    for (const old of this.#closedInOrder.splice(0, tooMany)) old.forgetHistory();
  }
}

const waitsForCallback = ({ visit }: Frame): boolean =>
  visit?.call?.token !== undefined ||
  (visit?.children ?? []).some((child) => child !== undefined && waitsForCallback(child));
