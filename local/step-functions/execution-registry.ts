/**
 * The executions, open and closed: starts, stops, redrives and resumes them, finds the task of a token, and
 * tells changes of status once they are written down.
 */
import type { Program } from './asl/program.ts';
import type { KeptHistories } from './closed-executions.ts';
import type { EndedExecutions } from './ended/ended-executions.ts';
import type { Journal } from './journal/journal.ts';
import { KnownExecutions, type Listing } from './known-executions.ts';
import type { EntryBody } from './running/entry.ts';
import { Execution, type ExecutionStart } from './running/execution.ts';
import { cancelFrame } from './running/frame.ts';
import { type ChildStart, type InvokeFunction, Run, type RunServices } from './running/run.ts';
import { driveExecution } from './running/run-frame.ts';
import { Stopped } from './running/state-failure.ts';
import { placeOf } from './running/task-token.ts';
import { type StatusChange, statusChangeOf } from './status-change.ts';
import { Timers } from './timers.ts';

export interface ExecutionRegistryOptions {
  readonly journal: Journal;
  readonly invokeFunction: InvokeFunction;
  /** Starts an execution for a task, by the same rules as the API. */
  readonly startChild: (start: ChildStart) => Execution | { readonly error: string; readonly cause: string };
  readonly onStatusChange: ((change: StatusChange) => void) | undefined;
  /** Where those that ended long ago are; undefined without a journal. */
  readonly ended: EndedExecutions | undefined;
  readonly keptHistories?: KeptHistories | undefined;
}

/** As long as AWS keeps an execution and its name, in milliseconds. */
const retention = 90 * 24 * 3_600_000;

export class ExecutionRegistry {
  readonly #options: ExecutionRegistryOptions;
  readonly #known: KnownExecutions;
  readonly #open = new Set<Execution>();
  /** Of the open executions, by number. */
  readonly #runs = new Map<number, Run>();
  readonly #closeListeners = new Map<number, Set<() => void>>();
  readonly #services: RunServices;
  readonly #timers = new Timers();
  #letGo = false;

  /** `restored` are those of the journal, in the order of their start; `resume` goes on with the open ones. */
  constructor(options: ExecutionRegistryOptions, restored: readonly Execution[]) {
    this.#options = options;
    this.#services = {
      timers: this.#timers,
      invokeFunction: options.invokeFunction,
      children: {
        start: options.startChild,
        get: (arn) => this.get(arn),
        onClosed: (execution, listener) => this.#onClosed(execution, listener),
        stop: (execution) => this.#stopChild(execution),
      },
      append: (place, entry) => options.journal.append({ kind: 'entry', ...place, ...entry }),
      written: () => options.journal.written(),
      closed: (execution) => this.#closed(execution),
    };
    const { ended, keptHistories: kept } = options;
    this.#known = new KnownExecutions(restored, { ended, kept });
    for (const execution of this.#known.inMemory())
      if (execution.root !== undefined) this.#open.add(execution);
  }

  get(arn: string): Execution | undefined {
    return this.#known.get(arn);
  }

  hasAnyOf(machineArn: string): boolean {
    return this.#known.hasAnyOf(machineArn);
  }

  /** Those of a machine, newest first. */
  newestOf(machineArn: string, listing: Listing): Iterable<Execution> {
    return this.#known.newestOf(machineArn, listing);
  }

  start(start: Omit<ExecutionStart, 'number' | 'startDate'>, program: Program): Execution {
    const full = { number: this.#known.nextNumber, ...start, startDate: Date.now() };
    this.#options.journal.append({ kind: 'start', ...full });
    const execution = new Execution(full, program);
    this.#known.add(execution);
    this.#open.add(execution);
    this.#tell(execution);
    this.#run(new Run(execution, this.#services));
    return execution;
  }

  /** Ends an execution as StopExecution does: its functions go on running, nothing is caught. */
  abort(execution: Execution, reason: { error?: string | undefined; cause?: string | undefined }): void {
    this.#runs.get(execution.start.number)?.close('ExecutionAborted', reason);
  }

  /** Goes on with an execution that ended without success; the caller has seen that it may be redriven. */
  redrive(execution: Execution, clientToken: string | undefined): void {
    this.#known.reopened(execution);
    this.#open.add(execution);
    const run = new Run(execution, this.#services);
    run.redrive(clientToken);
    this.#tell(execution);
    this.#run(run);
  }

  /**
   * Records what a callback tells of a task, which then goes on; false when the token's task waits no more.
   * Where the history is full the execution ends instead.
   */
  callBack(token: string, told: EntryBody): boolean {
    const place = placeOf(token);
    const run = place && this.#runs.get(place.execution);
    const frame = place && run?.execution.frameAt(place.frame);
    const call = frame?.visit?.call;
    if (!run || !frame || frame.cancelled || call?.token !== token) return false;
    try {
      run.record(frame, { ...told, resource: call.resource });
      if (frame.visit?.call !== call) frame.wake?.();
    } catch (thrown) {
      if (!(thrown instanceof Stopped)) throw thrown;
    }
    return true;
  }

  open(): ReadonlySet<Execution> {
    return this.#open;
  }

  hasRevision(revisionId: string): boolean {
    return this.#known.hasRevision(revisionId);
  }

  closedForJournal(): { outcomes: Execution[]; whole: Execution[] } {
    return this.#known.closedForJournal();
  }

  /** Drops what AWS would have forgotten by now; the names are free again. */
  forgetOld(now: number): void {
    this.#known.forgetBefore(now - retention);
  }

  /** Moves what has no history any more out of memory; never rejects. */
  moveOld(): Promise<void> {
    return this.#known.moveOld();
  }

  /** Goes on with every open execution. */
  resume(): void {
    for (const execution of this.#open) this.#run(new Run(execution, this.#services));
  }

  /** Tells of the closed ones among these as if they closed now: they were ended while no engine ran. */
  tellEnds(arns: Iterable<string>): void {
    for (const arn of arns) {
      const execution = this.get(arn);
      if (execution !== undefined && execution.root === undefined) this.#tell(execution);
    }
  }

  /** Lets go of everything that waits, without ending any execution. */
  close(): Promise<void> {
    this.#letGo = true;
    for (const { execution } of this.#runs.values())
      if (execution.root !== undefined) cancelFrame(execution.root);
    this.#runs.clear();
    this.#timers.close();
    return this.#known.close();
  }

  #run(run: Run): void {
    this.#runs.set(run.execution.start.number, run);
    const cancelDeadline = this.#armDeadline(run);
    void driveExecution(run).finally(() => cancelDeadline?.());
  }

  #armDeadline(run: Run): (() => void) | undefined {
    const { timeoutSeconds, countsFrom } = run.execution;
    if (timeoutSeconds === undefined) return undefined;
    return this.#timers.at(countsFrom + timeoutSeconds * 1000, () => run.close('ExecutionTimedOut', {}));
  }

  #closed(execution: Execution): void {
    const { number } = execution.start;
    this.#runs.delete(number);
    this.#open.delete(execution);
    for (const listener of this.#closeListeners.get(number) ?? []) listener();
    this.#closeListeners.delete(number);
    this.#known.closed(execution);
    this.#tell(execution);
  }

  #onClosed(execution: Execution, listener: () => void): () => void {
    const { number } = execution.start;
    const listeners = this.#closeListeners.get(number) ?? new Set();
    this.#closeListeners.set(number, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /** A process that ends gives up its frames, but no execution. */
  #stopChild(execution: Execution): void {
    if (!this.#letGo) this.abort(execution, {});
  }

  /** Best effort, as on AWS: a listener that throws does not harm the execution. */
  #tell(execution: Execution): void {
    const { onStatusChange, journal } = this.#options;
    if (onStatusChange === undefined) return;
    const change = statusChangeOf(execution);
    journal
      .written()
      .then(
        () => onStatusChange(change),
        () => undefined,
      )
      .catch((error: unknown) => console.error('A listener of status changes failed:', error));
  }
}
