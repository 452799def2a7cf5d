/**
 * The span of a step that waited, for a decision or for the run of another workflow: it is told by who records its end, with
 * the start out of the record. Its id follows from the record, so that it is the same whoever tells it.
 */

import type { Attempt, Execution, StepRecord } from './model/execution.ts';
import { type TracingContext, traceOf } from './model/execution-trace.ts';

type Waited = Pick<StepRecord, 'occurrence' | 'step' | 'path' | 'attempts' | 'child'>;

export function tellWait(
  context: TracingContext,
  execution: Execution,
  {
    step,
    attempt,
  }: { readonly step: Waited; readonly attempt: Pick<Attempt, 'startedAt' | 'finishedAt' | 'error'> },
): void {
  const { tracing, hash } = context;
  const parent = traceOf(context, execution);
  if (tracing === undefined || parent === undefined || !parent.sampled) return;
  const { startedAt, finishedAt, error } = attempt;
  const spanId = hash(`span of ${execution.id}#${step.occurrence}#${startedAt}`).slice(0, 16);
  tracing.record({
    trace: { ...parent, spanId },
    parentSpanId: parent.spanId,
    name: `step ${step.step}`,
    kind: 'internal',
    startMs: Date.parse(startedAt),
    endMs: Date.parse(finishedAt ?? startedAt),
    error: error?.code,
    attributes: {
      'orchestrator.workflow.name': execution.workflow,
      'orchestrator.execution.id': execution.id,
      'orchestrator.step.id': step.step,
      'orchestrator.step.path': step.path,
      'orchestrator.step.attempt': step.attempts.length,
      'orchestrator.step.waited_for': step.child === undefined ? 'decision' : 'workflow',
    },
  });
}
