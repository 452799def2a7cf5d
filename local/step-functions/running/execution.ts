/** One execution: what the API tells about it, its history, and while it is open its frames. */
import type { Program } from '../asl/program.ts';
import { applyEntry } from './apply.ts';
import { type Entry, isEvent } from './entry.ts';
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
  /** Undefined when closed. */
  root: Frame | undefined;
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
        mapItem: undefined,
        lastEventId: 0,
      });
  }

  get eventCount(): number {
    return 1 + (this.history?.length ?? 0);
  }

  /** Applies an entry of one of its frames: the history grows, the frame moves on. */
  apply(entry: Entry, frame: Frame): void {
    const eventId = this.eventCount + 1;
    const closing = closingStatus[entry.type];
    if (closing === undefined) applyEntry(entry, frame, eventId);
    if (isEvent(entry.type)) {
      this.history?.push({ id: eventId, previousId: frame.lastEventId, entry });
      frame.lastEventId = eventId;
    }
    if (closing !== undefined) this.#close(closing, entry);
  }

  #close(status: ExecutionStatus, entry: Entry): void {
    this.status = status;
    this.stopDate = entry.at;
    this.outputText = status === 'SUCCEEDED' ? JSON.stringify(entry.output) : undefined;
    this.error = entry.error;
    this.cause = entry.cause;
    if (this.root !== undefined) cancelFrame(this.root);
    this.root = undefined;
    this.input = undefined;
  }

  /** The frame of an entry, or undefined when the entry does not belong to where the execution is. */
  frameAt(id: string): Frame | undefined {
    let frame = this.root;
    for (const index of id.split('/').slice(1)) frame = frame?.visit?.children[Number(index)];
    return frame;
  }
}
