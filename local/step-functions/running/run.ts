/**
 * The run of one execution: the only way in which anything happens to it. Each entry is written to the
 * journal and then applied, and an execution that is over, or a frame that was given up, takes no more.
 */
import type { Timers } from '../timers.ts';
import { type Entry, type EntryBody, isEvent } from './entry.ts';
import type { Execution } from './execution.ts';
import type { Frame } from './frame.ts';
import { Stopped } from './state-failure.ts';

/** As Lambda's Invoke answers: a payload, and `functionError` when the function failed. */
export interface FunctionResult {
  payload: unknown;
  /** The payload is then `{errorType, errorMessage}`. */
  functionError?: 'Unhandled';
}

/** Rejects only when there is no such function. The signal aborts when the task times out. */
export type InvokeFunction = (call: {
  functionName: string;
  payload: unknown;
  signal: AbortSignal;
}) => Promise<FunctionResult>;

/** An execution that a task starts; `startedBy` names the task, so that a repeated start is known as such. */
export interface ChildStart {
  readonly machineArn: string;
  readonly name: string;
  readonly input: unknown;
  readonly startedBy: string;
}

/** What tasks do with other executions. */
export interface Children {
  start(start: ChildStart): Execution | { readonly error: string; readonly cause: string };
  get(arn: string): Execution | undefined;
  /** Calls `listener` once, when the execution closes; returns how to stop listening. */
  onClosed(execution: Execution, listener: () => void): () => void;
  stop(execution: Execution): void;
}

/** What a run needs from the engine around it. */
export interface RunServices {
  readonly timers: Pick<Timers, 'at'>;
  readonly invokeFunction: InvokeFunction;
  readonly children: Children;
  /** Takes an entry for the journal, number `n` of the execution; it is written by the end of the tick. */
  append(place: { readonly execution: number; readonly n: number }, entry: Entry): void;
  /** Resolves when everything appended is written. */
  written(): Promise<void>;
  closed(execution: Execution): void;
}

type Closing = 'ExecutionSucceeded' | 'ExecutionFailed' | 'ExecutionTimedOut' | 'ExecutionAborted';

/** Events that a history may have, the last one included (AWS quota). */
const longestHistory = 25_000;
const turnsPerBreath = 64;

export class Run {
  readonly execution: Execution;
  readonly services: RunServices;
  #turns = 0;

  constructor(execution: Execution, services: RunServices) {
    this.execution = execution;
    this.services = services;
  }

  /** Throws `Stopped` when nothing may happen in the frame any more. */
  record(frame: Frame, body: EntryBody): void {
    if (frame.cancelled || this.execution.root === undefined) throw new Stopped();
    if (isEvent(body.type) && this.execution.eventCount >= longestHistory - 1) {
      const cause = `The execution reached the maximum number of history events (${longestHistory}).`;
      this.close('ExecutionFailed', { error: 'States.Runtime', cause });
      throw new Stopped();
    }
    this.#write(frame, { frame: frame.id, at: Date.now(), ...body });
  }

  /** Ends the execution, whatever it is doing; does nothing when it is over already. */
  close(type: Closing, result: Pick<EntryBody, 'output' | 'error' | 'cause'>): void {
    const root = this.execution.root;
    if (root === undefined) return;
    this.#write(root, { type, frame: '', at: Date.now(), ...result });
    this.services.closed(this.execution);
  }

  /** Reopens an execution that ended without success; the caller has seen that it may be. */
  redrive(clientToken: string | undefined): void {
    const { left } = this.execution;
    if (left === undefined) return;
    const redriveCount = this.execution.redriveCount + 1;
    this.#write(left, { type: 'ExecutionRedriven', frame: '', at: Date.now(), redriveCount, clientToken });
  }

  #write(frame: Frame, entry: Entry): void {
    const { start, entryCount: n } = this.execution;
    this.services.append({ execution: start.number, n }, entry);
    this.execution.apply(entry, frame);
  }

  /** Lets the rest of the process breathe now and then: a machine may run long without waiting for anything. */
  async breathe(): Promise<void> {
    this.#turns += 1;
    if (this.#turns % turnsPerBreath === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

/**
 * Waits for something outside. `arm` starts the waiting and returns how to end it; resolves with the value
 * given to `settle`. Throws `Stopped` when the frame is given up meanwhile.
 */
export async function suspend<T>(frame: Frame, arm: (settle: (value: T) => void) => () => void): Promise<T> {
  if (frame.cancelled) throw new Stopped();
  const settled = await new Promise<{ value: T } | undefined>((resolve) => {
    const finish = (value: { value: T } | undefined): void => {
      disarm();
      frame.release = undefined;
      frame.wake = undefined;
      resolve(value);
    };
    frame.release = () => finish(undefined);
    const disarm = arm((value) => finish({ value }));
  });
  if (settled === undefined || frame.cancelled) throw new Stopped();
  return settled.value;
}

/** Sleeps until a moment in epoch milliseconds; at once when it is past. */
export async function sleepUntil(run: Run, frame: Frame, moment: number): Promise<void> {
  if (moment <= Date.now()) return;
  await suspend<void>(frame, (settle) => run.services.timers.at(moment, () => settle()));
}
