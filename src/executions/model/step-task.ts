/**
 * The contract between the compiled state machine and `run-step`: the payload of one Task.
 * The state machine has evaluated every expression of the call, except those that look inside a result kept
 * by reference; these, and what needs the result of the call (`select`, `compensate`), travel unevaluated and
 * are evaluated in `run-step`.
 */
import * as z from 'zod';
import { RequestCall, ToolCall } from '../../transport/model/call.ts';

/**
 * A call in which references and markers may stand for values, and expressions may have come to values of any type:
 * which one does not fit is told when it is completed.
 */
const CallTemplate = z.union([
  ToolCall.extend({ arguments: z.unknown() }),
  RequestCall.extend({
    request: RequestCall.shape.request.extend({
      path: z.unknown(),
      query: z.unknown().optional(),
      headers: z.unknown().optional(),
    }),
  }),
]);
export type CallTemplate = z.infer<typeof CallTemplate>;

/** What is left to evaluate of a call, where it looks inside results that are kept by reference. */
const Deferred = z.strictObject({
  /** Expressions without delimiters, by their path in the call. */
  expressions: z.record(z.string(), z.string()),
  /** The variables they name, besides `$input`; none where no result is kept by reference. */
  values: z.record(z.string(), z.unknown()),
});

export const StepTask = z.strictObject({
  executionId: z.string(),
  /** The step's id in the definition. */
  step: z.string(),
  /** Where the step runs: '' at the top level, `each/3/` in the fourth iteration of forEach `each`, and so on inwards. */
  path: z.string(),
  /** `State.RetryCount`: 0 for the first attempt. */
  attempt: z.number().int().min(0),
  /** Calls allowed in all; 1 without `retry`. */
  maxAttempts: z.number().int().min(1),
  /** Whether the machine tries again after `service.connection-lost`; one of an earlier release does not know the code. */
  retriesLost: z.boolean().optional(),
  call: CallTemplate,
  deferred: Deferred.optional(),
  /** A result of more bytes is kept by reference; the usual limit when left out. */
  inlineBytes: z.number().optional(),
  /** Deadline of this attempt. */
  timeoutSeconds: z.number(),
  /**
   * Before the attempt begins it may wait until its service said to call again: for so long, and not beyond the
   * deadline of the workflow. Left out where there is no retry, and by machines of earlier releases.
   */
  waiting: z.strictObject({ atMostSeconds: z.number(), workflowSeconds: z.number() }).optional(),
  /** JSONata over `$result`, without delimiters: what later expressions see of the result. */
  select: z.string().optional(),
  /**
   * The undo: `call` is the JSON text of a `{service, tool, arguments}` template (text, so that the state
   * machine does not evaluate its expressions), `values` holds every variable it names besides `$input` and the
   * step's own.
   */
  compensate: z.strictObject({ call: z.string(), values: z.record(z.string(), z.unknown()) }).optional(),
});
export type StepTask = z.infer<typeof StepTask>;

const callback = {
  executionId: z.string(),
  step: z.string(),
  path: z.string(),
  /** With what the result is sent. */
  token: z.string(),
  /** How long the state machine waits, and since when; left out by machines of earlier releases. */
  timeoutSeconds: z.number().optional(),
  scheduledAt: z.string().optional(),
  deferred: Deferred.optional(),
};

/** A step that waits for a decision. */
export const ApprovalTask = z.strictObject({
  ...callback,
  approval: z.strictObject({ message: z.unknown().optional(), details: z.unknown().optional() }),
});
export type ApprovalTask = z.infer<typeof ApprovalTask>;

/** A step that waits for another execution. */
export const WorkflowTask = z.strictObject({
  ...callback,
  workflow: z.strictObject({ name: z.string(), input: z.unknown() }),
  inlineBytes: z.number().optional(),
});
export type WorkflowTask = z.infer<typeof WorkflowTask>;

/** Everything that the state machines give to `run-step`. */
export const RunStepTask = z.union([StepTask, ApprovalTask, WorkflowTask]);
export type RunStepTask = z.infer<typeof RunStepTask>;

/** The name of a step record: unique in an execution, the same in every attempt. */
export const occurrenceOf = (task: Pick<StepTask, 'path' | 'step'>): string => `${task.path}${task.step}`;
