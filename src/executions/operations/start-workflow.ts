/** Starts an execution of a workflow and answers at once. */
import * as z from 'zod';
import { type Fault, OrchestratorError } from '../../base/errors.ts';
import { faultsText } from '../../base/faults.ts';
import { defineOperation } from '../../operation/operation.ts';
import { Name } from '../../registry/services/model/service-terms.ts';
import { checkedWorkflow } from '../../workflows/checked-workflow.ts';
import { DryRunRequest, DryStart } from '../../workflows/dry-run/dry-run-shapes.ts';
import { executionToStarted, IdempotencyKey, LabelMap, StartedExecution } from '../execution-shapes.ts';
import { startExecution } from '../start-execution.ts';
import type { ExecutionOperationContext } from './context.ts';

const StartWorkflowInput = z
  .looseObject({
    workflow: Name.optional().describe('Name of the workflow; the default workflow when left out'),
    input: z
      .unknown()
      .optional()
      .describe('Input of the workflow; with neither workflow nor input, all other fields are the input'),
    idempotencyKey: IdempotencyKey.optional(),
    labels: LabelMap.optional(),
    dryRun: DryRunRequest.optional().describe(
      'Nothing is started, written or called: the answer shows what each step would send, as far as it is known; with results as for validate_workflow_definition',
    ),
  })
  .meta({ examples: [{ workflow: 'triage', input: { id: 'abc123' }, labels: { team: 'mail' } }] });
type StartWorkflowInput = z.infer<typeof StartWorkflowInput>;

export const startWorkflow = defineOperation({
  id: 'start_workflow',
  summary: 'Start a workflow and return its id at once',
  input: StartWorkflowInput,
  output: z.union([StartedExecution, DryStart]).meta({ type: 'object' }),
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
    status: { all: [202, 200], of: (answer) => ('dryRun' in answer ? 200 : 202) },
  },
  hints: { readOnly: false, destructive: false, idempotent: false, openWorld: true },
  async run(context: ExecutionOperationContext, request, caller) {
    const { name, input } = wanted(context, request);
    const workflow = await checkedWorkflow(context, name, input);
    if (request.dryRun) {
      const { dryStart } = await import('../../workflows/dry-run/dry-run-start.ts');
      return dryStart(context, workflow, { input, request: request.dryRun });
    }
    const execution = await startExecution(context, {
      workflow,
      input,
      labels: request.labels ?? {},
      caller: caller.id,
      idempotencyKey: request.idempotencyKey,
    });
    return executionToStarted(execution, context.clock.now());
  },
});

function wanted(
  context: ExecutionOperationContext,
  request: StartWorkflowInput,
): { name: string; input: unknown } {
  const { workflow, input, idempotencyKey: _key, labels: _labels, dryRun: _dryRun, ...others } = request;
  const name = workflow ?? context.defaultWorkflow;
  if (name === undefined)
    throw invalid([{ path: 'workflow', message: 'is needed: no default workflow is configured' }]);
  if (workflow === undefined && input === undefined) return { name, input: others };
  const unknown = Object.keys(others).map((path) => ({
    path,
    message: 'is not a known field; put it into input',
  }));
  if (unknown.length > 0) throw invalid(unknown);
  return { name, input: input ?? {} };
}

const invalid = (errors: Fault[]): OrchestratorError =>
  new OrchestratorError('request.invalid', faultsText(errors), { errors });
