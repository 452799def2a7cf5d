/** What a dry run shows. */
import * as z from 'zod';
import { Fault, MoreErrors } from '../../base/errors.ts';

export const DryStep = z.object({
  id: z.string(),
  path: z
    .string()
    .describe(
      'Where it would run, as the status says it: `each/3/classify`; `*` for the item of items that are not known',
    ),
  at: z.string().describe('Where it stands in the definition'),
  kind: z.string().describe('call, choose, parallel, forEach, wait, approval or workflow'),
  certain: z
    .boolean()
    .describe('Whether it would run; false where that depends on a result that is not known'),
  service: z.string().optional(),
  tool: z.string().optional(),
  arguments: z.unknown().optional().describe('As they would be sent'),
  request: z.unknown().optional().describe('As it would be sent'),
  workflow: z.string().optional(),
  input: z.unknown().optional().describe('Of the workflow that it would run'),
  approval: z.unknown().optional().describe('What would be asked'),
  wait: z.unknown().optional().describe('seconds, or until'),
  branch: z
    .union([z.int(), z.enum(['otherwise', 'none', 'unknown'])])
    .optional()
    .describe('The branch that a choose would take'),
  items: z
    .union([z.int(), z.literal('unknown')])
    .optional()
    .describe('How many items a forEach would have'),
  result: z.unknown().optional().describe('What later expressions see of it, when it is known'),
  compensate: z.unknown().optional().describe('The call that would undo it'),
  needs: z
    .array(z.string())
    .optional()
    .describe('Results that are not known; expressions that use them are shown as they are written'),
  errors: z.array(Fault).optional().describe('What it would fail with'),
});
export type DryStep = z.infer<typeof DryStep>;

export const DryRun = z.object({
  status: z
    .enum(['SUCCEEDED', 'FAILED', 'UNKNOWN', 'STOPPED'])
    .describe(
      'How it would end with these results; UNKNOWN where that depends on results that are not known, STOPPED where the dry run became too long',
    ),
  steps: z.array(DryStep).describe('In the order in which they would begin, branches one after the other'),
  output: z.unknown().optional(),
  needs: z.array(z.string()).describe('Steps whose results would have to be given to know everything'),
  errors: z.array(Fault).describe('What would fail, with paths in the definition'),
  moreErrors: MoreErrors,
  stopped: z.string().optional().describe('Why it was stopped'),
});
export type DryRun = z.infer<typeof DryRun>;
