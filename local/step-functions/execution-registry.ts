/**
 * The executions, open and closed: starts, stops, redrives and resumes them, finds the task of a token, and
 * tells changes of status once they are written down.
 */
import type { Program } from './asl/program.ts';
import type { Journal } from './journal/journal.ts';
import type { Entry, EntryBody } from './running/entry.ts';
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
}

/** Closed executions whose history is kept; older ones keep their outcome and their name. */
const keptHistories = 5_000;

export class ExecutionRegistry {
  readonly #options: ExecutionRegistryOptions;
  readonly #byArn = new Map<string, Execution>();
  readonly #byMachine = new Map<string, Execution[]>();
  /** Of the open executions, by number. */
  readonly #runs = new Map<number, Run>();
  readonly #closeListeners = new Map<number, Set<() => void>>();
  readonly #services: RunServices;
  readonly #timers = new Timers();
  #closedInOrder: Execution[] = [];
  #lastNumber = 0;
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
      append: (execution, entry) => this.#append(execution, entry),
      written: () => options.journal.written(),
      closed: (execution) => this.#closed(execution),
    };
    for (const execution of restored) this.#add(execution);
  }

  get(arn: string): Execution | undefined {
    return this.#byArn.get(arn);
  }

  /** Oldest first. */
  ofMachine(machineArn: string): readonly Execution[] {
    return this.#byMachine.get(machineArn) ?? [];
  }

  start(start: Omit<ExecutionStart, 'number' | 'startDate'>, program: Program): Execution {
    const full = { ...start, number: this.#lastNumber + 1, startDate: Date.now() };
    this.#options.journal.append({ kind: 'start', ...full });
    const execution = new Execution(full, program);
    this.#add(execution);
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
    this.#closedInOrder = this.#closedInOrder.filter((closed) => closed !== execution);
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

  /** Goes on with every open execution. */
  resume(): void {
    for (const execution of this.#byArn.values()) {
      if (execution.root !== undefined) this.#run(new Run(execution, this.#services));
    }
  }

  /** Lets go of everything that waits, without ending any execution. */
  close(): void {
    this.#letGo = true;
    for (const { execution } of this.#runs.values())
      if (execution.root !== undefined) cancelFrame(execution.root);
    this.#runs.clear();
    this.#timers.close();
  }

  #add(execution: Execution): void {
    this.#lastNumber = Math.max(this.#lastNumber, execution.start.number);
    this.#byArn.set(execution.start.arn, execution);
    const siblings = this.#byMachine.get(execution.start.machineArn);
    if (siblings === undefined) this.#byMachine.set(execution.start.machineArn, [execution]);
    else siblings.push(execution);
    if (execution.root === undefined) this.#keepHistory(execution);
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

  #append(execution: number, entry: Entry): void {
    this.#options.journal.append({ kind: 'entry', execution, ...entry });
  }

  #closed(execution: Execution): void {
    const { number } = execution.start;
    this.#runs.delete(number);
    for (const listener of this.#closeListeners.get(number) ?? []) listener();
    this.#closeListeners.delete(number);
    this.#keepHistory(execution);
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

  #keepHistory(execution: Execution): void {
    this.#closedInOrder.push(execution);
    if (this.#closedInOrder.length < 2 * keptHistories) return;
    for (const old of this.#closedInOrder.splice(0, keptHistories)) old.forgetHistory();
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
