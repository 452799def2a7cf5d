/**
 * Reads an execution's history: which states were entered, and which of them were left again. Occurrences
 * carry the iteration path, as in step records. (AWS: HistoryEvent, GetExecutionHistory.)
 */
import type { Failure } from './execution.ts';
import { type QueryFailure, queryFailureName, queryFailureOf } from './query-failure.ts';

export interface HistoryEvent {
  readonly id?: number | undefined;
  readonly previousEventId?: number | undefined;
  readonly type?: string | undefined;
  readonly stateEnteredEventDetails?: { readonly name?: string | undefined } | undefined;
  readonly evaluationFailedEventDetails?:
    | {
        readonly state?: string | undefined;
        readonly location?: string | undefined;
        readonly cause?: string | undefined;
      }
    | undefined;
  readonly mapIterationStartedEventDetails?:
    | { readonly name?: string | undefined; readonly index?: number | undefined }
    | undefined;
}

export interface Visit {
  readonly step: string;
  readonly path: string;
  /** The state's type as in the event: `Task`, `Choice`, `Wait`, `Parallel`, `Map`, `Succeed`. */
  readonly kind: string;
  readonly left: boolean;
  /** Whether what a Task calls was called, or may have been. */
  readonly called: boolean;
  /** An expression of the state that failed. */
  readonly failure?: Failure;
  /** The same as Step Functions says it. */
  readonly query?: QueryFailure;
  /** Whether what a Task calls, or waits for, took longer than it may. */
  readonly timedOut?: boolean;
}

interface Place {
  readonly path: string;
  /** The state this event belongs to; undefined before the first one. */
  readonly inside: number | undefined;
}

const start: Place = { path: '', inside: undefined };

/** Every state that was entered, once for each entry, in that order. */
export function visitsOf(events: readonly HistoryEvent[]): Visit[] {
  const ordered = [...events].sort((a, b) => (a.id ?? 0) - (b.id ?? 0));
  const places = new Map<number, Place>();
  const visits: Visits = new Map();

  for (const event of ordered) {
    const id = event.id ?? 0;
    const before = places.get(event.previousEventId ?? 0) ?? start;
    const type = event.type ?? '';
    if (type.endsWith('StateEntered')) {
      const step = event.stateEnteredEventDetails?.name ?? '';
      visits.set(id, {
        step,
        path: before.path,
        kind: type.slice(0, -'StateEntered'.length),
        left: false,
        called: false,
        outer: before,
      });
      places.set(id, { path: before.path, inside: id });
    } else if (type === 'MapIterationStarted') {
      const { name = '', index = 0 } = event.mapIterationStartedEventDetails ?? {};
      places.set(id, { path: `${outerPath(before.path, name)}${name}/${index}/`, inside: before.inside });
    } else if (type.endsWith('StateExited')) {
      places.set(id, leave(before, type, visits));
    } else if (type === 'EvaluationFailed') {
      places.set(id, noticeFailure(event, before, visits));
    } else {
      noticeCall(type, visits.get(before.inside ?? 0));
      places.set(id, before);
    }
  }
  return [...visits.values()].map(({ outer: _outer, ...visit }) => visit);
}

/** An iteration that starts after another one finished hangs on that one's events: its path is not nested in it. */
const outerPath = (path: string, map: string): string => {
  const at = `/${path}`.lastIndexOf(`/${map}/`);
  return at === -1 ? path : path.slice(0, at);
};

interface OpenVisit {
  readonly kind: string;
  readonly path: string;
  readonly step: string;
  readonly outer: Place;
  left: boolean;
  called: boolean;
  failure?: Failure;
  query?: QueryFailure;
  timedOut?: boolean;
}

type Visits = Map<number, OpenVisit>;

const scheduled = ['TaskScheduled', 'LambdaFunctionScheduled'];

const timedOut = ['TaskTimedOut', 'LambdaFunctionTimedOut'];

function noticeCall(type: string, visit: OpenVisit | undefined): void {
  if (visit && timedOut.includes(type)) visit.timedOut = true;
  if (!visit || !scheduled.includes(type)) return;
  visit.called = true;
  // Another attempt: it is not over because the one before is.
  if (visit.timedOut) visit.timedOut = false;
}

/**
 * The `previousEventId` of such an event is 0. Its cause names the event with which the state was entered; without one it
 * is taken for the last state of its name that is open and has called nobody.
 */
function noticeFailure({ evaluationFailedEventDetails }: HistoryEvent, before: Place, visits: Visits): Place {
  const { state = '', location = '', cause = '' } = evaluationFailedEventDetails ?? {};
  const query = queryFailureOf(cause);
  const id = query && visits.has(query.eventId) ? query.eventId : lastUncalled(state, visits);
  const visit = visits.get(id ?? 0);
  if (id === undefined || visit === undefined) return before;
  visit.failure = {
    code: queryFailureName,
    message: `The expression at ${placeOf(location)} could not be evaluated`,
  };
  visit.query = query ?? {
    state,
    eventId: id,
    field: location,
    kind: 'untold',
    said: 'it could not be evaluated',
  };
  return { path: visit.path, inside: id };
}

function lastUncalled(state: string, visits: Visits): number | undefined {
  const open = [...visits].filter(([, visit]) => visit.step === state && !visit.left).reverse();
  const uncalled = open.filter(([, { called }]) => !called);
  return (uncalled.find(([, { failure }]) => failure === undefined) ?? uncalled[0] ?? open[0])?.[0];
}

/** `Arguments/Payload/call/request/body/amount` is `call.request.body.amount` in the definition. */
const placeOf = (location: string): string =>
  (location || 'an unknown place').replace(/^Arguments\/Payload\//, '').replaceAll('/', '.');

/** The exit of a Map or Parallel hangs on an inner event: climb to the innermost open state of that kind. */
function leave(before: Place, type: string, visits: Visits): Place {
  const kind = type.slice(0, -'StateExited'.length);
  for (let inside = before.inside; inside !== undefined; ) {
    const visit = visits.get(inside);
    if (!visit) break;
    if (visit.kind === kind && !visit.left) {
      visit.left = true;
      return { path: visit.path, inside: visit.outer.inside };
    }
    inside = visit.outer.inside;
  }
  return before;
}
