/** Gives everything that is kept of one execution, for whoever wants to have it elsewhere. */
import * as z from 'zod';
import { isoNow } from '../../base/clock.ts';
import { defineOperation } from '../../operation/operation.ts';
import { WorkflowId } from '../execution-shapes.ts';
import { Execution, StepRecord } from '../model/execution.ts';
import { requireWithSteps } from '../require-execution.ts';
import type { ExecutionOperationContext } from './context.ts';

/** Without what lets somebody send the result of a step that waits. */
const ExportedStep = StepRecord.omit({ token: true });

export const exportWorkflowData = defineOperation({
  id: 'export_workflow_data',
  summary:
    'Give everything that is kept of an execution and its steps; results that are kept by reference are read with get_step_result',
  input: z.strictObject({ workflowId: WorkflowId }),
  output: z.object({
    exportedAt: z.string().describe('ISO time'),
    execution: Execution.describe('As it is stored'),
    steps: z
      .array(StepRecord)
      .describe('As they are stored, with undos; `resultRef` stands for a large result'),
  }),
  errors: ['execution.not-found'],
  access: 'admin',
  http: { method: 'GET', path: '/v1/executions/{workflowId}/data', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run(context: ExecutionOperationContext, { workflowId }) {
    const { execution, steps } = await requireWithSteps(context, workflowId);
    return {
      exportedAt: isoNow(context.clock),
      execution: Execution.parse(execution),
      steps: steps.map((step) => ExportedStep.parse(step)),
    };
  },
});
