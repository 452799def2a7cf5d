/** One execution: what the API tells about it, its history, and while it is open its frames. */
import type { Program } from '../asl/program.ts';
import { applyEntry } from './apply.ts';
import { type Entry, isEvent, isPassedBy } from './entry.ts';
import { cancelFrame, type Frame, newFrame } from './frame.ts';

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** An entry of the history with its place in it. */
export interface HistoryEvent {
  readonly id: number;
  readonly previousId: number;
  readonly entry: Entry;
}

export interface ExecutionStart {
  /** Counts executions of this engine, in the order of their start. */
  readonly number: number;
  readonly arn: string;
  readonly name: string;
  readonly machineArn: string;
  readonly machineName: string;
  readonly roleArn: string;
  readonly revisionId: string;
  /** The JSON text as the caller sent it. */
  readonly inputText: string;
  /** Epoch milliseconds. */
  readonly startDate: number;
  /** When its revision of the machine was made, for one that an update made; epoch milliseconds. */
  readonly machineUpdateDate?: number | undefined;
  /** The task that started it, for one that a task started. */
  readonly startedBy?: string | undefined;
}

const closingStatus: Partial<Record<Entry['type'], ExecutionStatus>> = {
  ExecutionSucceeded: 'SUCCEEDED',
  ExecutionFailed: 'FAILED',
  ExecutionTimedOut: 'TIMED_OUT',
  ExecutionAborted: 'ABORTED',
};

export class Execution {
  readonly start: ExecutionStart;
  status: ExecutionStatus = 'RUNNING';
  stopDate: number | undefined;
  outputText: string | undefined;
  error: string | undefined;
  cause: string | undefined;
  /** Without `ExecutionStarted`, which `start` holds; undefined once it is no longer kept. */
  history: HistoryEvent[] | undefined = [];
  /** Entries so far, those that are no events too. */
  entryCount = 0;
  /** Undefined when closed. */
  root: Frame | undefined;
  /** Where it stood when it ended without success; kept as long as its history. */
  #left: Frame | undefined;
  redriveCount = 0;
  /** Epoch milliseconds of the last redrive, and what its caller marked it with. */
  redriven: { readonly at: number; readonly clientToken: string | undefined } | undefined;
  /** Undefined when closed: its text is enough then. */
  input: unknown;
  readonly timeoutSeconds: number | undefined;

  constructor(start: ExecutionStart, program?: Program) {
    this.start = start;
    this.timeoutSeconds = program?.timeoutSeconds;
    this.input = program === undefined ? undefined : JSON.parse(start.inputText);
    this.root =
      program &&
      newFrame({
        id: '',
        scope: program.scope,
        input: this.input,
        variables: {},
        held: { bytes: 0 },
        mapItem: undefined,
        lastEventId: 0,
      });
  }

  get eventCount(): number {
    return 1 + (this.history?.length ?? 0);
  }

  /** What a redrive would go on with; undefined where nothing is left to go on with. */
  get left(): Frame | undefined {
    return this.#left;
  }

  /** When the machine's time-out begins to count, in epoch milliseconds. */
  get countsFrom(): number {
    return this.redriven?.at ?? this.start.startDate;
  }

  /** Keeps what the API tells about it, and no more. */
  forgetHistory(): void {
    this.history = undefined;
    this.#left = undefined;
  }

  /** Applies an entry of one of its frames: the history grows, the frame moves on. */
  apply(entry: Entry, frame: Frame): void {
    this.#applyTo(frame, entry);
    this.entryCount += 1;
  }

  #applyTo(frame: Frame, entry: Entry): void {
    const eventId = this.eventCount + 1;
    const closing = closingStatus[entry.type];
    if (entry.type === 'ExecutionRedriven') this.#reopen(entry);
    if (closing === undefined) applyEntry(entry, frame, eventId);
    if (isEvent(entry.type)) this.#remember(frame, entry, eventId);
    if (closing !== undefined) this.#close(closing, entry);
  }

  #remember(frame: Frame, entry: Entry, id: number): void {
    const previousId = entry.type === 'ExecutionAborted' ? 0 : (entry.after ?? frame.lastEventId);
    this.history?.push({ id, previousId, entry });
    frame.lastEventId = isPassedBy(entry.type) ? previousId : id;
  }

  #close(status: ExecutionStatus, entry: Entry): void {
    this.status = status;
    this.stopDate = entry.at;
    this.outputText = status === 'SUCCEEDED' ? JSON.stringify(entry.output) : undefined;
    this.error = entry.error;
    this.cause = entry.cause;
    if (this.root !== undefined) cancelFrame(this.root);
    this.#left = status === 'SUCCEEDED' ? undefined : this.root;
    this.root = undefined;
    this.input = undefined;
  }

  #reopen({ at, clientToken }: Entry): void {
    this.root = this.#left;
    this.#left = undefined;
    this.input = JSON.parse(this.start.inputText);
    this.status = 'RUNNING';
    this.stopDate = undefined;
    this.error = undefined;
    this.cause = undefined;
    this.redriveCount += 1;
    this.redriven = { at, clientToken };
  }

  /** The frame of an entry, or undefined when the entry does not belong to where the execution is. */
  frameOf({ type, frame }: Pick<Entry, 'type' | 'frame'>): Frame | undefined {
    return type === 'ExecutionRedriven' ? this.#left : this.frameAt(frame);
  }

  frameAt(id: string): Frame | undefined {
    let frame = this.root;
    for (const index of id.split('/').slice(1)) frame = frame?.visit?.children[Number(index)];
    return frame;
  }
}
