/**
 * What each entry does to its frame. The one place where frames change, used by the running engine and by
 * recovery alike: so what is read back from the journal is what was there.
 */
import type { Scope, State } from '../asl/program.ts';
import { calleeOf } from './callee.ts';
import type { Entry } from './entry.ts';
import {
  type Failure,
  type Frame,
  holdVariables,
  newFrame,
  newVisit,
  releaseVariables,
  sizesOf,
  type Visit,
} from './frame.ts';
import { redriveFrame } from './redrive-frame.ts';

type Effect = (frame: Frame, entry: Entry, eventId: number) => void;

/** An entry that does not fit where its frame is: a journal that was changed by hand. */
export class MisplacedEntryError extends Error {}

function visitOf(frame: Frame): Visit {
  if (frame.visit === undefined) throw new MisplacedEntryError(`frame '${frame.id}' is at no state`);
  return frame.visit;
}

export function stateOf(frame: Frame): State {
  const state = frame.scope.states.get(visitOf(frame).state);
  if (state === undefined) throw new MisplacedEntryError(`there is no state '${visitOf(frame).state}'`);
  return state;
}

const enter: Effect = (frame, entry, eventId) => {
  if (frame.next === undefined) throw new MisplacedEntryError(`frame '${frame.id}' has no next state`);
  const { state, input } = frame.next;
  frame.visit = newVisit(state, input, { at: entry.at, eventId, after: frame.lastEventId });
  frame.next = undefined;
  entry.name = state;
  entry.input = input;
};

const exit: Effect = (frame, entry) => {
  const visit = visitOf(frame);
  entry.name = visit.state;
  releaseInside(visit);
  frame.visit = undefined;
  if (entry.assigned !== undefined) {
    frame.variables = { ...frame.variables, ...entry.assigned };
    holdVariables(frame, sizesOf(entry.assigned));
  }
  if (entry.next === undefined) end(frame, { output: entry.output });
  else frame.next = { state: entry.next, input: entry.output };
};

function releaseInside({ children }: Visit): void {
  for (const child of children) if (child !== undefined) releaseVariables(child);
}

function end(frame: Frame, ending: Frame['ending']): void {
  releaseVariables(frame);
  frame.ending = ending;
  frame.next = undefined;
  frame.visit = undefined;
  frame.variables = {};
}

const failureOf = (entry: Entry): Failure => ({ error: entry.error, cause: entry.cause });

const fail: Effect = (frame, entry) => {
  const visit = visitOf(frame);
  visit.failure = failureOf(entry);
  visit.call = undefined;
};

const schedule: Effect = (frame, entry) => {
  const visit = visitOf(frame);
  visit.resumeAt = undefined;
  visit.call = {
    callee: calleeOf(entry),
    resource: entry.resource,
    timeoutSeconds: entry.timeoutInSeconds,
    heartbeatSeconds: entry.heartbeatInSeconds,
    scheduledAt: entry.at,
    token: entry.token,
    started: false,
    submitted: false,
    childArn: undefined,
    heardAt: entry.at,
  };
};

const submitCall: Effect = (frame, entry) => {
  const { call } = visitOf(frame);
  if (call === undefined) return;
  call.submitted = true;
  call.childArn = entry.childArn;
};

const hear: Effect = (frame, entry) => {
  const { call } = visitOf(frame);
  if (call !== undefined) call.heardAt = entry.at;
};

const startCall: Effect = (frame) => {
  const { call } = visitOf(frame);
  if (call !== undefined) call.started = true;
};

const succeed: Effect = (frame, entry) => {
  const visit = visitOf(frame);
  visit.result = { value: entry.output };
  visit.call = undefined;
};

const failJoined: Effect = (frame, entry, eventId) => {
  fail(frame, entry, eventId);
  visitOf(frame).saidFailed = true;
};

const retry: Effect = (frame, entry) => {
  const visit = visitOf(frame);
  visit.saidFailed = false;
  if (entry.after !== undefined) frame.lastEventId = entry.after;
  const retrier = entry.retrier ?? 0;
  visit.retries[retrier] = (visit.retries[retrier] ?? 0) + 1;
  visit.retryCount += 1;
  visit.resumeAt = entry.until;
  visit.failure = undefined;
  visit.call = undefined;
  visit.result = undefined;
  visit.map = undefined;
  releaseInside(visit);
  visit.children = [];
  visit.joined = false;
};

const waitUntil: Effect = (frame, entry) => {
  visitOf(frame).resumeAt = entry.until;
};

function startChild(
  frame: Frame,
  index: number,
  child: { scope: Scope; input: unknown; mapItem: Frame['mapItem'] },
) {
  visitOf(frame).children[index] = newFrame({
    id: `${frame.id}/${index}`,
    variables: frame.variables,
    held: frame.held,
    lastEventId: frame.lastEventId,
    ...child,
  });
}

const startBranches: Effect = (frame, entry, eventId) => {
  const state = stateOf(frame);
  if (state.type !== 'Parallel') throw new MisplacedEntryError(`'${state.name}' is no Parallel`);
  const input = entry.input;
  visitOf(frame).resumeAt = undefined;
  state.branches.forEach((scope, index) => {
    startChild({ ...frame, lastEventId: eventId }, index, { scope, input, mapItem: frame.mapItem });
  });
};

const startMap: Effect = (frame, entry, eventId) => {
  const visit = visitOf(frame);
  visit.resumeAt = undefined;
  visit.map = {
    startedEventId: eventId,
    items: entry.items ?? [],
    maxConcurrency: entry.maxConcurrency ?? 1,
    toleratedFailures: entry.toleratedFailures,
  };
  visit.children = Array.from({ length: visit.map.items.length }, () => undefined);
};

const startIteration: Effect = (frame, entry, eventId) => {
  const state = stateOf(frame);
  if (state.type !== 'Map') throw new MisplacedEntryError(`'${state.name}' is no Map`);
  const index = entry.index ?? 0;
  const mapItem = { Index: index, Value: visitOf(frame).map?.items[index] };
  startChild({ ...frame, lastEventId: eventId }, index, {
    scope: state.processor,
    input: entry.input,
    mapItem,
  });
};

const closeIteration: Effect = (frame, entry) => {
  const child = visitOf(frame).children[entry.index ?? 0];
  if (child === undefined) throw new MisplacedEntryError(`iteration ${entry.index} was not started`);
  if (entry.type === 'MapIterationFailed') child.ending = { failure: failureOf(entry) };
  child.closed = true;
};

const join: Effect = (frame) => {
  visitOf(frame).joined = true;
};

const effects: Partial<Record<Entry['type'], Effect>> = {
  TaskScheduled: schedule,
  LambdaFunctionScheduled: schedule,
  TaskStarted: startCall,
  TaskSubmitted: submitCall,
  Heartbeat: hear,
  LambdaFunctionStarted: startCall,
  TaskSucceeded: succeed,
  LambdaFunctionSucceeded: succeed,
  TaskFailed: fail,
  TaskTimedOut: fail,
  LambdaFunctionFailed: fail,
  LambdaFunctionTimedOut: fail,
  EvaluationFailed: fail,
  ParallelStateStarted: startBranches,
  ParallelStateSucceeded: join,
  ParallelStateFailed: failJoined,
  MapStateStarted: startMap,
  MapStateSucceeded: join,
  MapStateFailed: failJoined,
  MapIterationStarted: startIteration,
  MapIterationSucceeded: closeIteration,
  MapIterationFailed: closeIteration,
  Retry: retry,
  WaitUntil: waitUntil,
  ExecutionRedriven: redriveFrame,
};

function effectOf(type: Entry['type']): Effect | undefined {
  if (type.endsWith('StateEntered')) return enter;
  if (type.endsWith('StateExited')) return exit;
  return effects[type];
}

/** Moves the frame on; throws `MisplacedEntryError` when the entry cannot follow what went before. */
export function applyEntry(entry: Entry, frame: Frame, eventId: number): void {
  effectOf(entry.type)?.(frame, entry, eventId);
}
