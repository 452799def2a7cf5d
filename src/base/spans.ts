/**
 * Spans: what is told of the parts of a trace. Ids are given here when a span begins, so that they can be passed on before
 * it ends; who exports spans is told of each when it has ended.
 */
import type { Clock } from './clock.ts';
import type { TraceContext } from './trace.ts';

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

export interface SpanDescription {
  /** Of few values: no ids, nothing of a payload. */
  readonly name: string;
  /** Who answers a request, who makes one, or neither. */
  readonly kind: 'server' | 'client' | 'internal';
  readonly attributes: Attributes;
}

export interface EndedSpan extends SpanDescription {
  readonly trace: TraceContext;
  /** Absent for the first of a trace. */
  readonly parentSpanId?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly startMs: number;
  readonly endMs: number;
  /** The code of the error that it ended with. */
  readonly error?: string | undefined;
}

/** Where spans go. Absent where nobody wants them. */
export interface Tracing {
  readonly clock: Clock;
  /** A new unique id of 32 hexadecimal digits. */
  readonly newId: () => string;
  /** Takes no time, and never throws. */
  record(span: EndedSpan): void;
}

/** A trace with the span that is above, if there is one. */
export type TraceParent = Omit<TraceContext, 'spanId'> & { readonly spanId?: string | undefined };

export interface OpenSpan<Trace> {
  /** What is below has it for a parent. */
  readonly trace: Trace;
  /** Once; later calls say nothing. */
  end(error?: string, more?: Attributes): void;
}

export const newSpanId = (newId: () => string): string => newId().slice(16);

const nothing = (): void => {};

/** Begins a span. Where none is wanted, none is described, and what is below has the parent for its own. */
export function beginSpan<Parent extends TraceContext | undefined>(
  tracing: Tracing | undefined,
  parent: Parent,
  describe: () => SpanDescription,
): OpenSpan<Parent | TraceContext> {
  if (tracing === undefined || parent === undefined || !parent.sampled)
    return { trace: parent, end: nothing };
  return openSpan(tracing, parent, describe());
}

/** As `beginSpan`, in a trace that is recorded and may begin here. */
export function openSpan(
  { clock, newId, record }: Tracing,
  parent: TraceParent,
  description: SpanDescription,
): OpenSpan<TraceContext> {
  const trace: TraceContext = { ...parent, spanId: newSpanId(newId) };
  const startMs = clock.now();
  let ended = false;
  return {
    trace,
    end(error, more = {}) {
      if (ended) return;
      ended = true;
      const attributes = { ...description.attributes, ...more };
      record({
        ...description,
        attributes,
        trace,
        parentSpanId: parent.spanId,
        startMs,
        endMs: clock.now(),
        error,
      });
    },
  };
}
