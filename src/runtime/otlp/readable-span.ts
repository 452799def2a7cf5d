/** A span as the SDK's exporters take it. Its ids are ours, so that no tracer of the SDK has made it. */
import { SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { EndedSpan } from '../../base/spans.ts';

const kinds = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL };

export function toReadableSpan(span: EndedSpan, resource: Resource): ReadableSpan {
  const { trace, parentSpanId, name, kind, startMs, endMs, error, attributes } = span;
  const { traceId, spanId } = trace;
  const contextOf = (id: string) => ({ traceId, spanId: id, traceFlags: TraceFlags.SAMPLED });
  return {
    name,
    kind: kinds[kind],
    spanContext: () => contextOf(spanId),
    ...(parentSpanId !== undefined && { parentSpanContext: contextOf(parentSpanId) }),
    startTime: toHrTime(startMs),
    endTime: toHrTime(endMs),
    duration: toHrTime(Math.max(0, endMs - startMs)),
    ended: true,
    status: { code: error === undefined ? SpanStatusCode.UNSET : SpanStatusCode.ERROR },
    attributes: { ...attributes, ...(error !== undefined && { 'error.type': error }) },
    links: [],
    events: [],
    resource,
    instrumentationScope: { name: 'orchestrator' },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

/** Seconds and nanoseconds. */
const toHrTime = (ms: number): [number, number] => [Math.trunc(ms / 1000), (ms % 1000) * 1_000_000];
