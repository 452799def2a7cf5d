/**
 * The span of an execution, or of one of its tries. Its id follows from the execution, so that whoever carries out a step
 * can name it as the parent; the span itself is told when the try has ended.
 */
import { type Log, logWith } from '../../base/log.ts';
import type { Tracing } from '../../base/spans.ts';
import { readTrace, type TraceContext } from '../../base/trace.ts';
import type { EndStatus, Execution } from './execution.ts';

type Traced = Pick<
  Execution,
  'id' | 'workflow' | 'version' | 'traceparent' | 'tracestate' | 'redriveCount' | 'startedAt' | 'redrivenAt'
>;

export interface TracingContext {
  readonly tracing?: Tracing | undefined;
  readonly hash: (text: string) => string;
}

/** What its steps are a part of; where no spans are told, the request that started it. */
export function traceOf({ tracing, hash }: TracingContext, execution: Traced): TraceContext | undefined {
  const started = readTrace(execution.traceparent, execution.tracestate);
  if (started === undefined || !started.sampled || tracing === undefined) return started;
  return { ...started, spanId: hash(`span of ${execution.id}#${execution.redriveCount}`).slice(0, 16) };
}

/** The same, whose lines are found by the trace of the request that started the execution. */
export function loggedInTrace<Context extends { readonly log: Log }>(
  context: Context,
  { traceparent }: Pick<Execution, 'traceparent'>,
): Context {
  const traceId = readTrace(traceparent)?.traceId;
  return traceId === undefined ? context : { ...context, log: logWith(context.log, { traceId }) };
}

interface Ended {
  readonly status: EndStatus;
  readonly closedAt: string;
  readonly error?: { readonly code: string } | undefined;
}

/** Tells the span of a try that has ended. */
export function tellTry(
  context: TracingContext,
  execution: Traced,
  { status, closedAt, error }: Ended,
): void {
  const { tracing } = context;
  const trace = traceOf(context, execution);
  if (tracing === undefined || trace === undefined || !trace.sampled) return;
  const { id, workflow, version, redriveCount, startedAt, redrivenAt = startedAt } = execution;
  tracing.record({
    trace,
    parentSpanId: readTrace(execution.traceparent)?.spanId,
    name: `workflow ${workflow}`,
    kind: 'internal',
    startMs: Date.parse(redrivenAt),
    endMs: Date.parse(closedAt),
    error: status === 'SUCCEEDED' ? undefined : (error?.code ?? status),
    attributes: {
      'orchestrator.workflow.name': workflow,
      'orchestrator.workflow.version': version,
      'orchestrator.execution.id': id,
      'orchestrator.execution.status': status,
      'orchestrator.execution.retries': redriveCount,
    },
  });
}
