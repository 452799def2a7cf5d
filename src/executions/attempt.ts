/** One attempt of a step while it is under way, and the record that it begins with. */
import { isoNow } from '../base/clock.ts';
import { beginSpan, type OpenSpan } from '../base/spans.ts';
import type { TraceContext } from '../base/trace.ts';
import type { CallContext } from '../calling/call-service.ts';
import type { ResolveService } from '../calling/resolve-service.ts';
import type { HintsContext } from '../calling/tool-hints.ts';
import { parseReference } from '../registry/services/model/service-reference.ts';
import { type AttemptMarks, createAttemptMarks } from './attempt-marks.ts';
import type { ExecutionContext } from './context.ts';
import { type EarlierAttempts, earlierAttempts } from './earlier-attempts.ts';
import type { StepRecord } from './model/execution.ts';
import { traceOf } from './model/execution-trace.ts';
import { type CallTemplate, occurrenceOf, type StepTask } from './model/step-task.ts';
import type { StoredExecution } from './store/execution-store.ts';

export interface RunStepContext extends ExecutionContext, CallContext, HintsContext {
  readonly resolveService: ResolveService;
}

export interface Attempt {
  readonly task: StepTask;
  /** As it was read last. */
  execution: StoredExecution;
  readonly startedAt: string;
  readonly earlier: EarlierAttempts;
  readonly marks: AttemptMarks;
  readonly span: OpenSpan<TraceContext | undefined>;
  /** The record as it will be written; the instance joins when the service is resolved, as the path does. */
  record: Omit<StepRecord, 'attempts' | 'status'>;
}

/** What is recorded of a step and its execution. */
export interface Found {
  readonly execution: StoredExecution;
  readonly step: StepRecord | undefined;
}

export function beginAttempt(context: RunStepContext, task: StepTask, { execution, step }: Found): Attempt {
  const startedAt = isoNow(context.clock);
  const earlier = earlierAttempts(execution, step);
  const marks = createAttemptMarks(context.steps, {
    seen: step,
    startedAt,
    interrupted: earlier.interrupted,
    write: () => ({
      record: { ...attempt.record, status: 'RUNNING' },
      expiresAtEpochSeconds: execution.recordsExpireAtEpochSeconds,
    }),
  });
  const attempt: Attempt = {
    task,
    execution,
    startedAt,
    earlier,
    marks,
    record: recordOf(task, step),
    span: beginAttemptSpan(context, task, execution),
  };
  return attempt;
}

const beginAttemptSpan = (context: RunStepContext, task: StepTask, execution: StoredExecution) =>
  beginSpan(context.tracing, traceOf(context, execution), () => ({
    name: `step ${task.step}`,
    kind: 'internal',
    attributes: {
      'orchestrator.workflow.name': execution.workflow,
      'orchestrator.execution.id': execution.id,
      'orchestrator.step.id': task.step,
      'orchestrator.step.path': task.path,
      'orchestrator.step.attempt': task.attempt,
    },
  }));

export const recordOf = (task: StepTask, earlier?: StepRecord) => ({
  executionId: task.executionId,
  occurrence: occurrenceOf(task),
  step: task.step,
  path: task.path,
  service: parseReference(task.call.service).name,
  tool: toolOf(task.call),
  ...(earlier?.waitedForInstanceMs !== undefined && {
    waitedForInstanceMs: earlier.waitedForInstanceMs,
  }),
});

export function toolOf(call: CallTemplate): string {
  if ('tool' in call) return call.tool;
  const { method, path } = call.request;
  return typeof path === 'string' ? `${method} ${path}` : method;
}
