/** A step as the status of its execution shows it, and how much of outputs is shown. */
import * as z from 'zod';
import { Fault } from '../../base/errors.ts';
import { stepKinds } from '../../workflows/definition/definition.ts';
import { Approval, Attempt, Failure, StepStatus, Undo } from './execution.ts';
import { resultLinkOf } from './result-link.ts';

export const StepView = z.object({
  id: z.string(),
  path: z.string().describe('Where it ran: the id, after `<forEach>/<index>/` for each forEach around it'),
  kind: z.enum(stepKinds),
  service: z.string().optional(),
  tool: z.string().optional().describe('Tool, or method and path of a request'),
  instance: z.string().optional(),
  waitedForInstanceMs: z
    .int()
    .optional()
    .describe('How long it waited until its service had an instance to call'),
  status: StepStatus,
  attempts: z.array(Attempt),
  error: Failure.optional().describe('Why it failed without being called; else its attempts say why'),
  notBefore: z
    .string()
    .optional()
    .describe('The service asked to wait until then: the next attempt begins no earlier'),
  output: z
    .unknown()
    .optional()
    .describe('What expressions see of it; of a forEach and a parallel it is put together from their steps'),
  branch: z.string().optional().describe('Of a choose: the branch that was taken, choose[0] or otherwise'),
  outputBytes: z.int().optional().describe('Set where the output is too large to be shown here'),
  resultLink: z.string().optional().describe('Where such an output is read: get_step_result'),
  warnings: z
    .array(Fault)
    .optional()
    .describe('What the answer of the service was taken in spite of, with paths in that answer'),
  undo: Undo.pick({ status: true, error: true, finishedAt: true }).optional(),
  approval: Approval.optional().describe(
    'What is asked, and the decision; approve_step and reject_step decide',
  ),
  workflowId: z.string().optional().describe('The execution that the step runs'),
});
export type StepView = z.infer<typeof StepView>;

/** What a status may show of outputs in all; Lambda answers at most 6 MB. */
const maxOutputBytes = 2_000_000;

export const elsewhere = (executionId: string, path: string, outputBytes: number) => ({
  outputBytes,
  resultLink: resultLinkOf(executionId, path),
});

export function limitOutputs(views: StepView[], executionId: string): StepView[] {
  let left = maxOutputBytes;
  return views.map((view) => {
    const bytes = view.output === undefined ? 0 : JSON.stringify(view.output).length;
    left -= bytes;
    if (bytes === 0 || left >= 0) return view;
    left += bytes;
    const { output: _output, ...rest } = view;
    return { ...rest, ...elsewhere(executionId, view.path, bytes) };
  });
}
