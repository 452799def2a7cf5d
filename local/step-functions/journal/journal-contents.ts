/**
 * What a journal amounts to: the machines, and for each execution either all that happened in it or, when it
 * ended long ago, its outcome. Read from the records at the start and written back as the compacted journal.
 */
import { UnreadableJournalError } from './read-journal.ts';
import type { ClosedRecord, EntryRecord, JournalRecord, MachineRecord, StartRecord } from './record.ts';

export interface RecordedExecution {
  readonly start: StartRecord;
  readonly entries: EntryRecord[];
}

/** Closed executions whose history outlives a restart. */
const keptHistories = 1_000;
/** As long as AWS keeps an execution and its name, in milliseconds. */
const retention = 90 * 24 * 3_600_000;

const closings: Readonly<Partial<Record<EntryRecord['type'], ClosedRecord['status']>>> = {
  ExecutionSucceeded: 'SUCCEEDED',
  ExecutionFailed: 'FAILED',
  ExecutionTimedOut: 'TIMED_OUT',
  ExecutionAborted: 'ABORTED',
};

function summaryOf({ start, entries }: RecordedExecution): ClosedRecord {
  const last = entries.at(-1);
  const status = last && closings[last.type];
  if (last === undefined || status === undefined) throw new UnreadableJournalError(`${start.arn} has no end`);
  const { error, cause } = last;
  const outputText = status === 'SUCCEEDED' ? JSON.stringify(last.output) : undefined;
  return { ...start, kind: 'closed', status, stopDate: last.at, outputText, error, cause };
}

export class JournalContents {
  readonly machines = new Map<string, MachineRecord>();
  readonly revisions = new Map<string, string>();
  readonly recorded = new Map<number, RecordedExecution>();
  readonly summaries = new Map<number, ClosedRecord>();
  readonly #closedInOrder: number[] = [];

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
        this.recorded.set(record.number, { start: record, entries: [] });
        return;
      case 'closed':
        this.summaries.set(record.number, record);
        return;
      case 'entry':
        this.#addEntry(record);
    }
  }

  #addEntry(record: EntryRecord): void {
    const execution = this.recorded.get(record.execution);
    if (execution === undefined)
      throw new UnreadableJournalError(`execution ${record.execution} was not started`);
    execution.entries.push(record);
    if (record.type === 'ExecutionRedriven') this.#reopen(record.execution);
    if (closings[record.type] === undefined) return;
    this.#closedInOrder.push(record.execution);
    if (this.#closedInOrder.length >= 2 * keptHistories) this.#summarise(keptHistories);
  }

  /** A redriven execution is open again: it is not to be summarised. */
  #reopen(execution: number): void {
    const at = this.#closedInOrder.indexOf(execution);
    if (at >= 0) this.#closedInOrder.splice(at, 1);
  }

  #summarise(count: number): void {
    for (const number of this.#closedInOrder.splice(0, count)) {
      const execution = this.recorded.get(number);
      if (execution !== undefined) this.summaries.set(number, summaryOf(execution));
      this.recorded.delete(number);
    }
  }

  /** Drops what is not needed any more: old histories, outcomes past the retention, unused revisions. */
  compact(now: number): void {
    this.#summarise(Math.max(0, this.#closedInOrder.length - keptHistories));
    for (const [number, { stopDate }] of this.summaries)
      if (stopDate + retention < now) this.summaries.delete(number);
    const used = new Set([
      ...[...this.machines.values()].map(({ revisionId }) => revisionId),
      ...[...this.recorded.values()].map(({ start }) => start.revisionId),
    ]);
    for (const id of this.revisions.keys()) if (!used.has(id)) this.revisions.delete(id);
  }

  /** The same contents as records, executions in the order of their start. */
  *records(): Generator<JournalRecord> {
    yield { kind: 'step-functions-journal', version: 1 };
    for (const [id, definition] of this.revisions) yield { kind: 'revision', id, definition };
    yield* this.machines.values();
    yield* this.summaries.values();
    for (const { start, entries } of this.recorded.values()) {
      yield start;
      yield* entries;
    }
  }
}
