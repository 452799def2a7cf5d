/** Where in a trace something happens, as W3C Trace Context writes it (level 1: `traceparent` and `tracestate`). */

export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits: of the span that is the parent of what is done next. */
  readonly spanId: string;
  readonly sampled: boolean;
  /** What others in the trace have added for themselves: it is passed on as it came. */
  readonly state?: string | undefined;
}

/** What travels: two headers of HTTP, or two members of `_meta` in MCP. */
export interface TraceHeaders {
  readonly traceparent?: string;
  readonly tracestate?: string;
}

const form = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const longestState = 512;
const stateForm = /^[\x20-\x7e]+$/;

/** Undefined for what is no traceparent: then nothing of a trace is known, and its state means nothing. */
export function readTrace(traceparent: unknown, tracestate?: unknown): TraceContext | undefined {
  if (typeof traceparent !== 'string') return undefined;
  const [, version, traceId = '', spanId = '', flags = '', more] = form.exec(traceparent) ?? [];
  if (version === undefined || version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  const state = stateIn(tracestate);
  const sampled = (Number.parseInt(flags, 16) & 1) === 1;
  return { traceId, spanId, sampled, ...(state !== undefined && { state }) };
}

const stateIn = (given: unknown): string | undefined =>
  typeof given === 'string' && given.length <= longestState && stateForm.test(given) ? given : undefined;

/** None where nothing of a trace is known. */
export function traceHeaders(trace: TraceContext | undefined): TraceHeaders {
  if (trace === undefined) return {};
  const { traceId, spanId, sampled, state } = trace;
  return {
    traceparent: `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`,
    ...(state !== undefined && { tracestate: state }),
  };
}
