/** What the registry keeps of a workflow: its newest version, and every version as it was defined. */
import * as z from 'zod';
import { ManagedBy } from '../../registry/services/model/service-terms.ts';

/** What a start needs, without the steps: small, since every start reads it. */
export const WorkflowHead = z.object({
  name: z.string(),
  version: z.number().int(),
  /** Hash of the definition: the same definition again is the same version. */
  definitionHash: z.string(),
  machineArn: z.string(),
  description: z.string().optional(),
  inputSchema: z.record(z.string(), z.unknown()).optional(),
  timeoutSeconds: z.number(),
  compensates: z.boolean(),
  /** Whether it has steps that wait for a callback. */
  awaits: z.boolean().default(false),
  services: z.array(z.string()),
  /** The services as they are written, perhaps with a range, and the workflows that it runs. */
  needs: z.object({ services: z.array(z.string()), workflows: z.array(z.string()) }).optional(),
  /** ISO time since which it takes no new starts. */
  archivedAt: z.string().optional(),
  managedBy: ManagedBy,
  definedAt: z.string(),
});
export type WorkflowHead = z.infer<typeof WorkflowHead>;

/** One version, which never changes, but that it is deleted: then it is kept for the executions that it had. */
export const WorkflowVersion = WorkflowHead.extend({
  definition: z.record(z.string(), z.unknown()),
  deletion: z.object({ deletedAt: z.string(), keptUntil: z.string() }).optional(),
});
export type WorkflowVersion = z.infer<typeof WorkflowVersion>;
