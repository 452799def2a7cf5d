/**
 * The state of a running execution. A frame is one line of control: the execution itself, a branch of a
 * Parallel, an iteration of a Map. It is at one state at a time, and a visit is its stay there.
 * Values are plain JSON and never changed in place, so frames share them freely.
 */
import type { Scope } from '../asl/program.ts';

export interface Failure {
  readonly error: string | undefined;
  readonly cause: string | undefined;
  /** The last event of the branch or iteration that failed, which what follows from it follows. */
  readonly after?: number | undefined;
}

/** How a frame ended. */
type Ending = { readonly output: unknown } | { readonly failure: Failure };

/** What a scheduled task calls. */
export type Callee =
  | { readonly functionName: string; readonly payload: unknown }
  | { readonly machineArn: string; readonly name: string; readonly input: unknown };

/** A task that was scheduled and has not answered yet. */
export interface Call {
  readonly callee: Callee;
  /** What the history calls it; absent for a plain `lambda:invoke`. */
  readonly resource: string | undefined;
  readonly timeoutSeconds: number | undefined;
  readonly heartbeatSeconds: number | undefined;
  /** Epoch milliseconds. */
  readonly scheduledAt: number;
  /** With what a callback names this task. */
  readonly token: string | undefined;
  /** The history says that it was started. */
  started: boolean;
  /** What it calls has taken it; the result comes later. */
  submitted: boolean;
  /** The execution it started. */
  childArn: string | undefined;
  /** When it was last heard of, in epoch milliseconds. */
  heardAt: number;
}

/** A Map on its way. */
export interface MapRun {
  readonly startedEventId: number;
  readonly items: readonly unknown[];
  /** Iterations at the same time, at least 1. */
  readonly maxConcurrency: number;
  /** Failed iterations that do not fail the Map; undefined when any failure does, with its own error. */
  readonly toleratedFailures: number | undefined;
}

export interface Visit {
  readonly state: string;
  readonly input: unknown;
  /** Epoch milliseconds. */
  readonly enteredAt: number;
  readonly enteredEventId: number;
  /** The event before that. */
  readonly enteredAfter: number;
  /** Tries so far by retrier, and in all. */
  readonly retries: number[];
  retryCount: number;
  /** When a Wait ends or a retry begins, in epoch milliseconds. */
  resumeAt: number | undefined;
  call: Call | undefined;
  /** What the task answered. */
  result: { readonly value: unknown } | undefined;
  failure: Failure | undefined;
  map: MapRun | undefined;
  /** Branches or iterations by index; undefined until one is started. */
  children: (Frame | undefined)[];
  /** All branches or iterations have succeeded. */
  joined: boolean;
  /** The history says that the branches or iterations have failed. */
  saidFailed: boolean;
}

export interface Frame {
  readonly id: string;
  readonly scope: Scope;
  /** Of the nearest Map around. */
  readonly mapItem: { readonly Index: number; readonly Value: unknown } | undefined;
  /** Replaced, never changed in place: inner frames start with those of the outer one. */
  variables: Readonly<Record<string, unknown>>;
  /** Bytes of the variables that this frame assigned, by name. */
  readonly ownSizes: Map<string, number>;
  /** Of all frames of the execution together. */
  readonly held: Held;
  /** The state to enter, and its input. */
  next: { readonly state: string; readonly input: unknown } | undefined;
  visit: Visit | undefined;
  ending: Ending | undefined;
  /** Its success or failure is in the history of the Map. */
  closed: boolean;
  lastEventId: number;
  /** Given up from outside: by a failed sibling, a stop, a time-out or the end of the engine. */
  cancelled: boolean;
  /** Ends whatever the frame waits for just now. */
  release: (() => void) | undefined;
  /** Lets the frame look again at where it is: somebody else has recorded something in it. */
  wake: (() => void) | undefined;
}

export interface Held {
  bytes: number;
}

export interface FrameStart {
  readonly held: Held;
  readonly id: string;
  readonly scope: Scope;
  readonly input: unknown;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly mapItem: Frame['mapItem'];
  readonly lastEventId: number;
}

export const newFrame = (start: FrameStart): Frame => ({
  id: start.id,
  scope: start.scope,
  mapItem: start.mapItem,
  variables: start.variables,
  ownSizes: new Map(),
  held: start.held,
  next: { state: start.scope.startAt, input: start.input },
  visit: undefined,
  ending: undefined,
  closed: false,
  lastEventId: start.lastEventId,
  cancelled: false,
  release: undefined,
  wake: undefined,
});

export const newVisit = (
  state: string,
  input: unknown,
  entered: { at: number; eventId: number; after: number },
): Visit => ({
  state,
  input,
  enteredAt: entered.at,
  enteredEventId: entered.eventId,
  enteredAfter: entered.after,
  retries: [],
  retryCount: 0,
  resumeAt: undefined,
  call: undefined,
  result: undefined,
  failure: undefined,
  map: undefined,
  children: [],
  joined: false,
  saidFailed: false,
});

/** Bytes of JSON of each variable. */
export const sizesOf = (assigned: Readonly<Record<string, unknown>>): Map<string, number> =>
  new Map(
    Object.entries(assigned).map(([name, value]) => [name, Buffer.byteLength(JSON.stringify(value) ?? '')]),
  );

/** How much more the execution holds with variables of these sizes assigned in the frame. */
export function growthBy({ ownSizes }: Frame, sizes: ReadonlyMap<string, number>): number {
  let growth = 0;
  for (const [name, bytes] of sizes) growth += bytes - (ownSizes.get(name) ?? 0);
  return growth;
}

/** The variables of these sizes are assigned in the frame. */
export function holdVariables(frame: Frame, sizes: ReadonlyMap<string, number>): void {
  frame.held.bytes += growthBy(frame, sizes);
  for (const [name, bytes] of sizes) frame.ownSizes.set(name, bytes);
}

/** The variables of the frame, and of all inside it, are not held any more. */
export function releaseVariables(frame: Frame): void {
  for (const bytes of frame.ownSizes.values()) frame.held.bytes -= bytes;
  frame.ownSizes.clear();
  for (const child of frame.visit?.children ?? []) if (child !== undefined) releaseVariables(child);
}

/** Gives up a frame and all inside it; what they wait for is ended. */
export function cancelFrame(frame: Frame): void {
  if (frame.cancelled) return;
  frame.cancelled = true;
  for (const child of frame.visit?.children ?? []) if (child !== undefined) cancelFrame(child);
  frame.release?.();
}
