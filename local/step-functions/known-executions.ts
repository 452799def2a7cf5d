/**
 * The executions that there are: the open ones and the last that closed in memory, and with a journal the older ones,
 * which have no history any more, on the disk.
 */
import { ClosedExecutions, type KeptHistories } from './closed-executions.ts';
import type { EndedExecutions, Wanted } from './ended/ended-executions.ts';
import { journalledHistories } from './journal/restored-engine.ts';
import type { Execution } from './running/execution.ts';

export interface Listing {
  /** Only those with a lower number. */
  readonly before: number;
  readonly wanted: Wanted;
  /** Whether closed ones may be wanted. */
  readonly closedToo: boolean;
}

export class KnownExecutions {
  readonly #byArn = new Map<string, Execution>();
  /** In the order of their numbers. */
  readonly #byMachine = new Map<string, Execution[]>();
  readonly #countByRevision = new Map<string, number>();
  readonly #closed: ClosedExecutions;
  /** Absent without a journal: then nothing leaves the memory before its time is over. */
  readonly #ended: EndedExecutions | undefined;
  #lastNumber: number;
  #moving: Promise<void> | undefined;
  #removing: Promise<unknown> | undefined;
  #saidNotMoved = false;

  /** `restored` are those of the journal, in the order of their start. */
  constructor(
    restored: readonly Execution[],
    { ended, kept }: { ended: EndedExecutions | undefined; kept: KeptHistories | undefined },
  ) {
    this.#ended = ended;
    this.#closed = new ClosedExecutions(kept);
    this.#lastNumber = ended?.lastNumber ?? 0;
    const here = restored.filter((execution) => ended?.holds(execution) !== true);
    for (const execution of here) this.add(execution);
    const closed = here.filter(({ root }) => root === undefined);
    closed.sort((a, b) => (a.stopDate ?? 0) - (b.stopDate ?? 0));
    for (const execution of closed) this.#closed.add(execution);
  }

  /** Of the next one. */
  get nextNumber(): number {
    return this.#lastNumber + 1;
  }

  get(arn: string): Execution | undefined {
    return this.#byArn.get(arn) ?? this.#ended?.get(arn);
  }

  inMemory(): Iterable<Execution> {
    return this.#byArn.values();
  }

  hasAnyOf(machineArn: string): boolean {
    return this.#byMachine.has(machineArn) || this.#ended?.hasAnyOf(machineArn) === true;
  }

  /** Whether an execution, open or closed, was started with this revision of its machine. */
  hasRevision(revisionId: string): boolean {
    return this.#countByRevision.has(revisionId) || this.#ended?.hasRevision(revisionId) === true;
  }

  /** Those of a machine, the highest number first. */
  *newestOf(machineArn: string, listing: Listing): Generator<Execution, void, undefined> {
    const { before, wanted, closedToo } = listing;
    const ended = closedToo ? this.#ended?.newestOf(machineArn, before, wanted) : undefined;
    let old = ended?.next();
    for (const execution of this.#newestInMemory(machineArn, listing)) {
      const { number } = execution.start;
      for (; old?.done === false && old.value.start.number > number; old = ended?.next()) yield old.value;
      // One that is being moved is in both.
      if (old?.done === false && old.value.start.number === number) old = ended?.next();
      yield execution;
    }
    for (; old?.done === false; old = ended?.next()) yield old.value;
  }

  *#newestInMemory(machineArn: string, { before, wanted }: Listing): Generator<Execution, void, undefined> {
    const all = this.#byMachine.get(machineArn) ?? [];
    for (let index = all.length - 1; index >= 0; index--) {
      const execution = all[index];
      if (execution !== undefined && execution.start.number < before && wanted(execution)) yield execution;
    }
  }

  add(execution: Execution): void {
    const { number, arn, machineArn, revisionId } = execution.start;
    this.#lastNumber = Math.max(this.#lastNumber, number);
    this.#byArn.set(arn, execution);
    const siblings = this.#byMachine.get(machineArn);
    if (siblings === undefined) this.#byMachine.set(machineArn, [execution]);
    else siblings.push(execution);
    this.#countRevision(revisionId, 1);
  }

  closed(execution: Execution): void {
    if (this.#closed.add(execution)) void this.moveOld();
  }

  /** It is open again. */
  reopened(execution: Execution): void {
    this.#closed.remove(execution);
  }

  /** Closed executions by what the journal keeps of them: their outcome, or all that happened. */
  closedForJournal(): { outcomes: Execution[]; whole: Execution[] } {
    return this.#closed.split(journalledHistories);
  }

  /** Drops those that closed before the moment (epoch milliseconds); their names are free again. */
  forgetBefore(moment: number): void {
    this.#drop(this.#closed.forgetBefore(moment));
    this.#removing = Promise.all([this.#removing, this.#remove(moment)]);
  }

  /** Moves what has no history any more to the disk, where there is one; never rejects. */
  moveOld(): Promise<void> {
    this.#moving ??= this.#move().finally(() => {
      this.#moving = undefined;
    });
    return this.#moving;
  }

  async close(): Promise<void> {
    await this.#moving;
    await this.#removing;
    await this.#ended?.close();
  }

  async #remove(moment: number): Promise<void> {
    try {
      await this.#ended?.forgetBefore(moment);
    } catch (error) {
      console.error('Ended executions could not be removed:', error);
    }
  }

  /** They leave the memory when they are on the disk. */
  async #move(): Promise<void> {
    const old = this.#ended === undefined ? [] : this.#closed.withoutHistory();
    if (old.length === 0) return;
    try {
      await this.#ended?.add(old);
    } catch (error) {
      this.#notMoved(error);
      return;
    }
    this.#closed.drop(new Set(old));
    this.#drop(old);
  }

  #notMoved(error: unknown): void {
    if (this.#saidNotMoved) return;
    this.#saidNotMoved = true;
    console.error('Ended executions stay in memory, as they cannot be written to the disk:', error);
  }

  #drop(executions: readonly Execution[]): void {
    const gone = new Set(executions);
    for (const { start } of gone) {
      this.#byArn.delete(start.arn);
      this.#countRevision(start.revisionId, -1);
    }
    for (const machineArn of new Set(executions.map(({ start }) => start.machineArn))) {
      const rest = (this.#byMachine.get(machineArn) ?? []).filter((execution) => !gone.has(execution));
      if (rest.length === 0) this.#byMachine.delete(machineArn);
      else this.#byMachine.set(machineArn, rest);
    }
  }

  #countRevision(revisionId: string, by: 1 | -1): void {
    const count = (this.#countByRevision.get(revisionId) ?? 0) + by;
    if (count === 0) this.#countByRevision.delete(revisionId);
    else this.#countByRevision.set(revisionId, count);
  }
}
