/**
 * The executions, open and closed: starts, stops and resumes them, and tells their changes of status once
 * they are written down.
 */
import type { Program } from './asl/program.ts';
import type { Journal } from './journal/journal.ts';
import type { Entry } from './running/entry.ts';
import { Execution, type ExecutionStart } from './running/execution.ts';
import { cancelFrame } from './running/frame.ts';
import { type InvokeFunction, Run, type RunServices } from './running/run.ts';
import { driveExecution } from './running/run-frame.ts';
import { type StatusChange, statusChangeOf } from './status-change.ts';
import { Timers } from './timers.ts';

export interface ExecutionRegistryOptions {
  readonly journal: Journal;
  readonly invokeFunction: InvokeFunction;
  readonly onStatusChange: ((change: StatusChange) => void) | undefined;
}

/** Closed executions whose history is kept; older ones keep their outcome and their name. */
const keptHistories = 5_000;

export class ExecutionRegistry {
  readonly #options: ExecutionRegistryOptions;
  readonly #byArn = new Map<string, Execution>();
  readonly #byMachine = new Map<string, Execution[]>();
  readonly #runs = new Map<Execution, Run>();
  readonly #services: RunServices;
  readonly #timers = new Timers();
  readonly #closedInOrder: Execution[] = [];
  #lastNumber = 0;

  /** `restored` are those of the journal, in the order of their start; `resume` goes on with the open ones. */
  constructor(options: ExecutionRegistryOptions, restored: readonly Execution[]) {
    this.#options = options;
    this.#services = {
      timers: this.#timers,
      invokeFunction: options.invokeFunction,
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
    this.#run(execution);
    return execution;
  }

  /** Ends an execution as StopExecution does: its functions go on running, nothing is caught. */
  abort(execution: Execution, reason: { error?: string | undefined; cause?: string | undefined }): void {
    this.#runs.get(execution)?.close('ExecutionAborted', reason);
  }

  /** Goes on with every open execution. */
  resume(): void {
    for (const execution of this.#byArn.values()) if (execution.root !== undefined) this.#run(execution);
  }

  /** Lets go of everything that waits, without ending any execution. */
  close(): void {
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

  #run(execution: Execution): void {
    const run = new Run(execution, this.#services);
    this.#runs.set(execution, run);
    const cancelDeadline = this.#armDeadline(run);
    void driveExecution(run).finally(() => cancelDeadline?.());
  }

  #armDeadline(run: Run): (() => void) | undefined {
    const { timeoutSeconds, start } = run.execution;
    if (timeoutSeconds === undefined) return undefined;
    return this.#timers.at(start.startDate + timeoutSeconds * 1000, () => run.close('ExecutionTimedOut', {}));
  }

  #append(execution: number, entry: Entry): void {
    this.#options.journal.append({ kind: 'entry', execution, ...entry });
  }

  #closed(execution: Execution): void {
    this.#runs.delete(execution);
    this.#keepHistory(execution);
    this.#tell(execution);
  }

  #keepHistory(execution: Execution): void {
    this.#closedInOrder.push(execution);
    if (this.#closedInOrder.length < 2 * keptHistories) return;
    for (const old of this.#closedInOrder.splice(0, keptHistories)) old.history = undefined;
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
