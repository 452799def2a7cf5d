/** Starts an execution of a workflow, and answers at once or when it has ended. */
import * as z from 'zod';
import { defineOperation } from '../../operation/operation.ts';
import { checkedWorkflow } from '../../workflows/checked-workflow.ts';
import { DryRunRequest, DryStart } from '../../workflows/dry-run/dry-run-shapes.ts';
import { awaitEnd } from '../await-end.ts';
import {
  executionToOutcome,
  executionToStarted,
  Outcome,
  StartedExecution,
  WaitSeconds,
} from '../execution-shapes.ts';
import { startExecution } from '../start-execution.ts';
import { startFields, wantedStart } from '../start-input.ts';
import type { ExecutionOperationContext } from './context.ts';

const StartWorkflowInput = z
  .looseObject({
    ...startFields,
    wait: WaitSeconds.default(0).describe(
      'Answer when the execution has ended or waits for a decision, with its output or error, at the latest after so many seconds; 0: answer at once. It is no part of what an idempotencyKey compares',
    ),
    dryRun: DryRunRequest.optional().describe(
      'Nothing is started, written or called: the answer shows what each step would send, as far as it is known; with results as for validate_workflow_definition',
    ),
  })
  .meta({ examples: [{ workflow: 'triage', input: { id: 'abc123' }, labels: { team: 'mail' } }] });

export const startWorkflow = defineOperation({
  id: 'start_workflow',
  summary:
    'Start a workflow and return its id at once, or with wait when it has ended; call_workflow starts it and gives its output',
  input: StartWorkflowInput,
  output: z.union([StartedExecution.extend(Outcome.shape), DryStart]).meta({ type: 'object' }),
  errors: [
    'workflow.not-found',
    'workflow.archived',
    'workflow.input-invalid',
    'idempotency.conflict',
    'request.too-large',
  ],
  access: 'operator',
  http: {
    method: 'POST',
    path: '/v1/executions',
    status: {
      all: [202, 200],
      of: (answer) => ('dryRun' in answer ? 200 : 202),
      saying: {
        202: 'It was started; status says how far it is, which with wait may be its end',
        200: 'With dryRun: what would happen',
      },
    },
  },
  hints: { readOnly: false, destructive: false, idempotent: false, openWorld: true },
  async run(context: ExecutionOperationContext, request, { id: caller, signal, trace }) {
    const { workflow: named, input: given, idempotencyKey, labels = {}, wait, dryRun, ...others } = request;
    const until = context.clock.now() + wait * 1000;
    const { name, input } = wantedStart(context, { workflow: named, input: given }, others);
    const workflow = await checkedWorkflow(context, name, input);
    if (dryRun) {
      const { dryStart } = await import('../../workflows/dry-run/dry-run-start.ts');
      return dryStart(context, workflow, { input, request: dryRun });
    }
    const started = await startExecution(context, {
      workflow,
      input,
      labels,
      caller,
      idempotencyKey,
      trace,
    });
    if (wait === 0) return executionToStarted(started, context.clock.now());
    const soFar = await awaitEnd(context, started, { until, signal });
    return { ...executionToStarted(soFar.execution, context.clock.now()), ...executionToOutcome(soFar) };
  },
});
