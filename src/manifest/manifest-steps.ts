/**
 * The steps that make the registry say what a manifest says: each service after those that it needs, then each workflow
 * after those that it runs.
 */

import { neededFirst } from '../registry/dependencies/model/start-order.ts';
import { putService } from '../registry/services/put-service.ts';
import { workflowsRunBy } from '../workflows/check-definition.ts';
import type { DefinitionContext } from '../workflows/context.ts';
import { type MachineFor, putWorkflow } from '../workflows/put-workflow.ts';
import type { Manifest } from './model/manifest.ts';
import { needsFirst } from './model/manifest-order.ts';

export type ManifestWorkflow = Manifest['workflows'][number];

export interface ManifestStep {
  readonly kind: 'service' | 'workflow';
  readonly name: string;
  readonly run: () => Promise<unknown>;
}

export interface Stepping {
  readonly machineFor: MachineFor;
  /** Whether what the API manages is taken over; it is refused otherwise. */
  readonly takeOver: boolean;
}

export function manifestSteps(
  context: DefinitionContext,
  manifest: Manifest,
  { machineFor, takeOver }: Stepping,
): ManifestStep[] {
  const together = manifest.workflows.map(({ name }) => name);
  const managed = { managedBy: 'manifest', takeOver } as const;
  const services = neededFirst(manifest.services).map(
    (service): ManifestStep => ({
      kind: 'service',
      name: service.name,
      run: async () => {
        const { changed } = await putService(context, service, managed);
        // Its tools are read by the schedule: services may start after their manifest is applied.
        if (changed && service.transport === 'mcp') await context.catalogues?.putUnknown(service);
      },
    }),
  );
  const workflows = workflowsInOrder(manifest.workflows).map(
    (workflow): ManifestStep => ({
      kind: 'workflow',
      name: workflow.name,
      run: () => putWorkflow(context, workflow, { ...managed, machineFor, together }),
    }),
  );
  return [...services, ...workflows];
}

export const workflowsInOrder = <T extends Pick<ManifestWorkflow, 'name'>>(workflows: readonly T[]): T[] =>
  needsFirst(workflows, { idOf: ({ name }) => name, needsOf: workflowsRunBy });
