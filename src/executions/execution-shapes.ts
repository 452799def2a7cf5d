/** The shapes in which executions are shown. */
import * as z from 'zod';
import { wholeNumber } from '../base/bounded-number.ts';
import { EndSummary } from './model/end-summary.ts';
import {
  type Execution,
  ExecutionStatus,
  Failure,
  Labels,
  pollAfterMs,
  shownStatus,
} from './model/execution.ts';
import { withResultLinks } from './model/result-link.ts';
import { WaitingStep } from './model/waiting-steps.ts';

export const WorkflowId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,80}$/, 'must be a workflowId as start_workflow gives it')
  .describe('The id of the execution, as start_workflow gives it');

export const IdempotencyKey = z
  .string()
  .min(1)
  .max(255)
  .describe(
    'The same key with the same request gives the same execution; with another request it is refused',
  );

export const LabelMap = Labels.describe('At most 5 labels to find the execution by');

/** Seconds that an answer may be waited for: with the rest of a request less than API Gateway's 29. */
export const WaitSeconds = wholeNumber({ from: 0, to: 25, example: 20 });

export const ExecutionSummary = z.object({
  workflowId: z.string(),
  workflow: z.string(),
  version: z.number().int(),
  status: ExecutionStatus,
  startedAt: z.string(),
  closedAt: z.string().optional(),
  redriveCount: z.number().int().optional().describe('How often it was retried, when it was'),
  reason: z.string().optional().describe('Why it was cancelled or terminated'),
  rerunOf: z.string().optional().describe('The execution that it repeats'),
  parent: z
    .object({ workflowId: z.string(), step: z.string() })
    .optional()
    .describe('The step that waits for it'),
  labels: z.record(z.string(), z.string()).optional(),
  dataDeletedAt: z
    .string()
    .optional()
    .describe('When delete_workflow_data deleted what it was about: input, output and steps'),
});

/** With why it failed, in short. */
export const ExecutionListed = ExecutionSummary.extend({ error: EndSummary.shape.error });

export const StartedExecution = ExecutionSummary.extend({
  pollAfterMs: z
    .number()
    .int()
    .describe(
      'How long to wait before asking for the status, in milliseconds, where it is asked without wait',
    ),
});

/** What has come of it so far. */
export const Outcome = z.object({
  waitingFor: z
    .array(WaitingStep)
    .optional()
    .describe('What it waits for besides its own calls; approve_step and reject_step decide approvals'),
  output: z
    .unknown()
    .optional()
    .describe('`resultRef` in it stands for a step result that is too large; its `link` reads it'),
  error: Failure.optional(),
});

interface Known {
  readonly execution: Pick<Execution, 'id' | 'output' | 'error'>;
  readonly waitingFor: readonly WaitingStep[];
}

export const executionToOutcome = ({ execution, waitingFor }: Known): z.infer<typeof Outcome> => ({
  ...(waitingFor.length > 0 && { waitingFor: [...waitingFor] }),
  ...(execution.output !== undefined && { output: withResultLinks(execution.id, execution.output) }),
  ...(execution.error && { error: execution.error }),
});

type Summarised = Pick<
  Execution,
  'id' | 'workflow' | 'version' | 'stored' | 'startedAt' | 'closedAt' | 'labels'
> &
  Partial<Pick<Execution, 'redriveCount' | 'reason' | 'rerunOf' | 'parent' | 'dataDeletedAt'>>;

export const executionToSummary = (execution: Summarised): z.infer<typeof ExecutionSummary> => ({
  workflowId: execution.id,
  workflow: execution.workflow,
  version: execution.version,
  status: shownStatus(execution),
  startedAt: execution.startedAt,
  ...(execution.closedAt !== undefined && { closedAt: execution.closedAt }),
  ...(execution.redriveCount ? { redriveCount: execution.redriveCount } : {}),
  ...(execution.reason !== undefined && { reason: execution.reason }),
  ...(execution.rerunOf !== undefined && { rerunOf: execution.rerunOf }),
  ...(execution.parent && {
    parent: { workflowId: execution.parent.executionId, step: execution.parent.occurrence },
  }),
  ...(Object.keys(execution.labels).length > 0 && { labels: execution.labels }),
  ...(execution.dataDeletedAt !== undefined && { dataDeletedAt: execution.dataDeletedAt }),
});

export const executionToListed = (
  listed: Summarised & Pick<EndSummary, 'error'>,
): z.infer<typeof ExecutionListed> => ({
  ...executionToSummary(listed),
  ...(listed.error && { error: listed.error }),
});

export const executionToStarted = (execution: Execution, now: number): z.infer<typeof StartedExecution> => ({
  ...executionToSummary(execution),
  pollAfterMs: pollAfterMs(execution.startedAt, now),
});

export const StepPath = z
  .string()
  .regex(/^[\w/]{1,900}$/, 'must be the path of a step as the status shows it')
  .describe('The path of the step as the status shows it, as in `classify` or `each/3/classify`');
