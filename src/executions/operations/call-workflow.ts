/** Starts an execution of a workflow, waits for its end and gives its output. It never cancels: what takes longer goes on. */
import * as z from 'zod';
import { OrchestratorError } from '../../base/errors.ts';
import { defineOperation } from '../../operation/operation.ts';
import { checkedWorkflow } from '../../workflows/checked-workflow.ts';
import { awaitEnd, type SoFar } from '../await-end.ts';
import {
  ExecutionSummary,
  executionToOutcome,
  executionToSummary,
  Outcome,
  WaitSeconds,
} from '../execution-shapes.ts';
import { endedAs } from '../model/ended-as.ts';
import { isClosed, shownStatus } from '../model/execution.ts';
import { startExecution } from '../start-execution.ts';
import { startFields, wantedStart } from '../start-input.ts';
import type { ExecutionOperationContext } from './context.ts';

const longestWait = 25;

const CallWorkflowInput = z
  .looseObject({
    ...startFields,
    wait: WaitSeconds.default(longestWait).describe(
      'Seconds to wait for its end; it goes on after that, and is asked for with get_workflow_status. It is no part of what an idempotencyKey compares',
    ),
  })
  .meta({ examples: [{ workflow: 'triage', input: { id: 'abc123' } }] });

const Called = ExecutionSummary.extend({
  output: Outcome.shape.output,
  waitingFor: Outcome.shape.waitingFor,
  next: z
    .object({
      message: z.string().describe('How to go on, in words'),
      tool: z.literal('get_workflow_status'),
      arguments: z.object({ workflowId: z.string(), wait: z.number().int() }),
    })
    .optional()
    .describe(
      'Where it has not ended: the tool, or POST /tools/{tool}, that goes on waiting for it. Do not start it again',
    ),
});
type Called = z.infer<typeof Called>;

export const callWorkflow = defineOperation({
  id: 'call_workflow',
  summary:
    'Run a workflow and give its output: starts it and waits for its end. When it takes longer, or waits for a decision, the answer has next, the call to go on with; it is never cancelled',
  input: CallWorkflowInput,
  output: Called,
  errors: [
    'workflow.not-found',
    'workflow.archived',
    'workflow.input-invalid',
    'workflow.failed',
    'idempotency.conflict',
    'request.too-large',
  ],
  access: 'operator',
  http: {
    method: 'POST',
    path: '/v1/workflow-calls',
    status: {
      all: [200, 202],
      of: ({ status }) => (status === 'SUCCEEDED' ? 200 : 202),
      saying: {
        200: 'It has succeeded, with its output',
        202: 'It has not ended within the wait, or waits for a decision, which waitingFor names; next goes on waiting',
      },
    },
  },
  hints: { readOnly: false, destructive: false, idempotent: false, openWorld: true },
  async run(context: ExecutionOperationContext, request, { id: caller, signal, trace }) {
    const { workflow: named, input: given, idempotencyKey, labels = {}, wait, ...others } = request;
    const until = context.clock.now() + wait * 1000;
    if ('dryRun' in others) throw notDry;
    const { name, input } = wantedStart(context, { workflow: named, input: given }, others);
    const workflow = await checkedWorkflow(context, name, input);
    const started = await startExecution(context, {
      workflow,
      input,
      labels,
      caller,
      idempotencyKey,
      trace,
    });
    return answerOf(await awaitEnd(context, started, { until, signal }));
  },
});

/** It would be taken for input where all other fields are, and what was to be tried would run. */
const notDry = new OrchestratorError('request.invalid', 'dryRun: is for start_workflow', {
  errors: [{ path: 'dryRun', message: 'is for start_workflow' }],
});

/** Throws `workflow.failed` for every end but a success. */
function answerOf(soFar: SoFar): Called {
  const { execution } = soFar;
  const summary = executionToSummary(execution);
  const { error, ...outcome } = executionToOutcome(soFar);
  if (!isClosed(execution)) return { ...summary, ...outcome, next: nextOf(soFar) };
  if (execution.stored === 'SUCCEEDED') return { ...summary, ...outcome };
  throw new OrchestratorError('workflow.failed', endedAs(execution), {
    members: { workflowId: execution.id, execution: { ...summary, ...(error && { error }) } },
  });
}

const nextOf = (soFar: SoFar): Called['next'] => ({
  message: howToGoOn(soFar),
  tool: 'get_workflow_status',
  arguments: { workflowId: soFar.execution.id, wait: longestWait },
});

function howToGoOn({ execution, waitingFor }: SoFar): string {
  const asked = waitingFor.filter(({ kind }) => kind === 'approval').map(({ step }) => step);
  if (asked.length > 0)
    return `It waits for the decision on ${asked.join(', ')}, which approve_step or reject_step makes; then ask with this call`;
  const others = waitingFor.flatMap(({ workflowId }) => workflowId ?? []);
  if (others.length > 0)
    return `It waits for ${others.join(', ')}, whose status may ask for a decision: ask for that, or with this call as often as needed`;
  return `It is ${shownStatus(execution)} and goes on by itself: ask with this call as often as needed`;
}
