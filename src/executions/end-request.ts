/** What cancel_workflow and terminate_workflow take. */
import * as z from 'zod';
import { lineOfText } from '../base/plain-text.ts';
import { WorkflowId } from './execution-shapes.ts';

export const EndInput = z.strictObject({
  workflowId: WorkflowId,
  reason: lineOfText(1_000)
    .optional()
    .describe('Why; kept and shown with the execution. The first reason of a repeated request stays'),
});
