/** Shows an execution and its steps; repairs on the way what a lost event or start has left behind. */
import * as z from 'zod';
import { OrchestratorError } from '../../base/errors.ts';
import { defineOperation } from '../../operation/operation.ts';
import type { WorkflowDefinition } from '../../workflows/definition/definition.ts';
import { awaitEnd } from '../await-end.ts';
import {
  executionToOutcome,
  executionToStarted,
  Outcome,
  StartedExecution,
  WaitSeconds,
  WorkflowId,
} from '../execution-shapes.ts';
import { type Execution, isClosed, type StepRecord } from '../model/execution.ts';
import { type Visit, visitsOf } from '../model/history.ts';
import { leavesQuestions, leftOut, needsHistory } from '../model/needs-history.ts';
import { StepView } from '../model/shown-step.ts';
import { viewSteps } from '../model/step-view.ts';
import { withWaitsJudged } from '../model/timed-out-step.ts';
import { waitingSteps } from '../model/waiting-steps.ts';
import { requireExecution, requireWithSteps } from '../require-execution.ts';
import type { ExecutionAndSteps } from '../store/execution-store.ts';
import { repair } from '../sweep.ts';
import type { ExecutionOperationContext } from './context.ts';

const WorkflowStatus = StartedExecution.extend({
  input: z.unknown(),
  ...Outcome.shape,
  steps: z.array(StepView),
});

export const getWorkflowStatus = defineOperation({
  id: 'get_workflow_status',
  summary:
    'Show the status of an execution: input, output, error, times and every step with its attempts; with wait, when it has ended',
  input: z.strictObject({
    workflowId: WorkflowId,
    wait: WaitSeconds.default(0).describe(
      'Answer when the execution has ended or waits for a decision, at the latest after so many seconds; 0: answer at once',
    ),
  }),
  output: WorkflowStatus,
  errors: ['execution.not-found'],
  access: 'viewer',
  http: { method: 'GET', path: '/v1/executions/{workflowId}', status: 200 },
  resource: { key: 'workflowId', scheme: 'workflow' },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run(context: ExecutionOperationContext, { workflowId, wait }, { signal }) {
    const until = context.clock.now() + wait * 1000;
    if (wait > 0) await awaitEnd(context, await requireExecution(context, workflowId), { until, signal });
    const { execution, steps } = await repairIfQuiet(context, await requireWithSteps(context, workflowId));
    const now = context.clock.now();
    return {
      ...executionToStarted(execution, now),
      input: execution.input,
      ...executionToOutcome({ execution, waitingFor: waitingSteps(execution, steps, now) }),
      steps: await stepsOf(context, execution, steps),
    };
  },
});

/** An open execution that nothing was heard of for so long is compared with Step Functions. */
const quietMs = 10_000;

async function repairIfQuiet(
  context: ExecutionOperationContext,
  found: ExecutionAndSteps,
): Promise<ExecutionAndSteps> {
  const { execution, steps } = found;
  const heard = [
    execution.startedAt,
    execution.redrivenAt,
    execution.closingAt,
    ...steps.map((record) => record.finishedAt ?? record.runningSince),
  ];
  const last = Math.max(...heard.map((time) => (time === undefined ? 0 : Date.parse(time))));
  if (isClosed(execution) || context.clock.now() - last < quietMs) return found;
  try {
    await repair(context, execution);
  } catch (error) {
    context.log.warn('execution not repaired', {
      workflowId: execution.id,
      error: error instanceof Error ? error.name : 'unknown',
    });
    return found;
  }
  return requireWithSteps(context, execution.id);
}

async function stepsOf(
  context: ExecutionOperationContext,
  execution: Execution,
  recorded: readonly StepRecord[],
): Promise<StepView[]> {
  if (execution.dataDeletedAt !== undefined) return [];
  const definition = await context.definitions.of(execution);
  if (!definition)
    throw new OrchestratorError('internal.error', `The definition of ${execution.workflow} is missing`);
  const records = withWaitsJudged(definition, { execution, records: recorded }, context.clock.now());
  const seen: Seen = { definition, execution, records };
  if (needsHistory(definition)) return withHistory(context, seen);
  const views = viewSteps(definition, { execution, records, visits: undefined });
  const unclear = isClosed(execution)
    ? leavesQuestions(definition, views, execution.error)
    : leftOut(definition, views);
  return unclear ? withHistory(context, seen) : views;
}

interface Seen {
  readonly definition: WorkflowDefinition;
  readonly execution: Execution;
  readonly records: readonly StepRecord[];
}

async function withHistory(
  context: ExecutionOperationContext,
  { definition, execution, records }: Seen,
): Promise<StepView[]> {
  const visits = await visitsTo(context, execution.executionArn);
  const views = viewSteps(definition, { execution, records, visits });
  if (!visits?.some(({ query }) => query !== undefined)) return views;
  const { explainUncalled } = await import('../explain-failure.ts');
  return explainUncalled(context, execution, { definition, records, visits, views });
}

/** Best effort: Step Functions forgets a history after 90 days, and throttles those who ask often. */
async function visitsTo(
  context: ExecutionOperationContext,
  executionArn: string,
): Promise<Visit[] | undefined> {
  try {
    const events = [];
    for await (const event of context.stepFunctions.history(executionArn)) events.push(event);
    return visitsOf(events);
  } catch (error) {
    context.log.warn('history not read', {
      executionArn,
      error: error instanceof Error ? error.name : 'unknown',
    });
    return undefined;
  }
}
