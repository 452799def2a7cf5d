/** A workflow definition in few words. */
import * as z from 'zod';
import { wholeNumber } from '../base/bounded-number.ts';
import { OrchestratorError } from '../base/errors.ts';
import { ManagedBy, Name } from '../registry/services/model/service-terms.ts';
import type { WorkflowHead } from './model/workflow-records.ts';

export const WorkflowName = Name.describe('Name of the workflow');

export const WorkflowVersionNumber = wholeNumber({ from: 1, to: 999_999, example: 3 }).describe(
  'Number of the version',
);

export const WorkflowSummary = z.object({
  name: z.string(),
  version: z.number().int(),
  description: z.string().optional(),
  services: z.array(z.string()),
  managedBy: ManagedBy,
  definedAt: z.string(),
  archivedAt: z.string().optional().describe('ISO time since which it takes no new starts'),
});

export const headToSummary = (head: WorkflowHead): z.infer<typeof WorkflowSummary> => ({
  name: head.name,
  version: head.version,
  services: head.services,
  managedBy: head.managedBy,
  definedAt: head.definedAt,
  ...(head.description !== undefined && { description: head.description }),
  ...(head.archivedAt !== undefined && { archivedAt: head.archivedAt }),
});

export const unknownWorkflow = (name: string, version: number | undefined): OrchestratorError =>
  new OrchestratorError(
    'workflow.not-found',
    `There is no workflow ${name}${version === undefined ? '' : ` with version ${version}`}; ${version === undefined ? 'list_workflow_definitions' : 'list_workflow_versions'} shows them`,
  );
