/** Shows the result of one step, however large: as a value, or as slices of its JSON. */
import * as z from 'zod';
import { OrchestratorError } from '../../base/errors.ts';
import { defineOperation } from '../../operation/operation.ts';
import { StepPath, WorkflowId } from '../execution-shapes.ts';
import { resultOf, type StepRecord } from '../model/execution.ts';
import { requireExecution } from '../require-execution.ts';
import type { ExecutionOperationContext } from './context.ts';

/** Lambda answers at most 6 MB, and MCP says a value twice, the second time as escaped text. */
const wholeCharacters = 1_000_000;
const wholeBytes = 2_000_000;
const sliceCharacters = 500_000;

const StepResult = z.object({
  workflowId: z.string(),
  step: z.string(),
  characters: z.int().describe('Length of the result as JSON text'),
  result: z.unknown().optional().describe('The result, unless it is too large for one answer'),
  text: z.string().optional().describe('A slice of the result as JSON text'),
  nextOffset: z.int().optional().describe('Where the next slice begins'),
});

export const getStepResult = defineOperation({
  id: 'get_step_result',
  summary: 'Show the result of a step, whole or, when it is too large for one answer, slice by slice',
  input: z.strictObject({
    workflowId: WorkflowId,
    step: StepPath,
    offset: z.int().min(0).optional().describe('Gives a slice of the JSON text from this character on'),
  }),
  output: StepResult,
  errors: ['execution.not-found', 'step.result-not-found'],
  access: 'viewer',
  http: { method: 'GET', path: '/v1/executions/{workflowId}/results/{step+}', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run(context: ExecutionOperationContext, { workflowId, step, offset }) {
    await requireExecution(context, workflowId);
    const record = await context.steps.get(workflowId, step);
    if (record?.status !== 'SUCCEEDED') throw noResult(step);
    const json = await jsonOf(context, record);
    const about = { workflowId, step, characters: json.length };
    if (offset === undefined && isShort(json)) return { ...about, result: JSON.parse(json) };
    return { ...about, ...sliceOf(json, offset ?? 0) };
  },
});

async function jsonOf({ results }: ExecutionOperationContext, record: StepRecord): Promise<string> {
  if (!record.resultRef) return JSON.stringify(resultOf(record));
  const json = await results.get(record.executionId, record.resultRef);
  if (json === undefined) throw noResult(record.occurrence);
  return json;
}

const isShort = (json: string): boolean =>
  json.length <= wholeCharacters && new TextEncoder().encode(json).length <= wholeBytes;

/** A slice never ends between the two halves of one character. */
function sliceOf(json: string, offset: number): { text: string; nextOffset?: number } {
  const wanted = offset + sliceCharacters;
  const end = /^[\uDC00-\uDFFF]/.test(json.slice(wanted, wanted + 1)) ? wanted + 1 : wanted;
  return { text: json.slice(offset, end), ...(end < json.length && { nextOffset: end }) };
}

const noResult = (step: string): OrchestratorError =>
  new OrchestratorError('step.result-not-found', `There is no result of ${step}; the status shows the steps`);
