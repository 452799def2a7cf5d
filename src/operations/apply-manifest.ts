/**
 * Makes the registry say what a manifest says: its services first, then the workflows that call them. What a
 * manifest no longer names is withdrawn, unless the API has taken it over.
 */
import { arrowsOf } from '../domain/dependencies/arrows.ts';
import { startWaves } from '../domain/dependencies/start-order.ts';
import { OrchestratorError } from '../domain/errors.ts';
import type { Manifest } from '../domain/manifest.ts';
import { currentGraph } from '../registry/change-graph.ts';
import { removeWorkflow } from '../registry/change-workflow.ts';
import type { RegistryContext } from '../registry/context.ts';
import { putService } from '../registry/put-service.ts';
import { removeService } from '../registry/remove-service.ts';
import type { OperationContext } from './context.ts';
import { type DefinitionContext, type MachineFor, putWorkflow } from './put-workflow.ts';

/** Throws what is wrong with the first workflow that is refused, with its name before the message. */
export async function applyManifest(
  context: DefinitionContext & RegistryContext,
  manifest: Manifest,
  machineFor: MachineFor,
): Promise<void> {
  for (const service of manifest.services) await putService(context, service, { managedBy: 'manifest' });
  const together = manifest.workflows.map(({ name }) => name);
  for (const workflow of manifest.workflows) {
    try {
      await putWorkflow(context, workflow, { managedBy: 'manifest', machineFor, together });
    } catch (error) {
      throw new Error(
        `workflow ${workflow.name}: ${error instanceof Error ? error.message : String(error)}`,
        { cause: error },
      );
    }
  }
}

/** The names of a manifest that is replaced, with the arns of its machines. */
export interface EarlierManifest {
  readonly services: readonly string[];
  readonly machines: Readonly<Record<string, string>>;
}

type WithdrawContext = Pick<OperationContext, 'workflows' | 'stepFunctions'> & RegistryContext;

/**
 * Throws `workflow.in-use`, before anything is changed, when executions of a workflow run that is no longer named:
 * its machine is deleted next, and they would end with it.
 */
export async function refuseWhileRunning(
  { stepFunctions }: WithdrawContext,
  earlier: EarlierManifest,
  now: Manifest,
): Promise<void> {
  for (const [name, arn] of removedWorkflows(earlier, now)) {
    if (!(await stepFunctions.hasRunning(arn))) continue;
    throw new OrchestratorError(
      'workflow.in-use',
      `The manifest no longer names workflow ${name}, but executions of it run; wait for them or cancel them first`,
    );
  }
}

/** Removes what the earlier manifest named and this one does not. Throws `service.in-use` for what others need. */
export async function withdraw(
  context: WithdrawContext,
  earlier: EarlierManifest,
  now: Manifest,
): Promise<void> {
  for (const [name, arn] of removedWorkflows(earlier, now))
    await removeWorkflow(context, { name, machineArn: arn });
  const named = new Set(now.services.map(({ name }) => name));
  const removed = earlier.services.filter((service) => !named.has(service));
  for (const name of await dependentsFirst(context, removed)) {
    await removeService(context, { name, managedBy: 'manifest' });
  }
}

/** In an order in which none of them is needed by one that is still there. */
async function dependentsFirst(context: RegistryContext, services: readonly string[]): Promise<string[]> {
  const arrows = arrowsOf((await currentGraph(context)).edges);
  return startWaves(arrows, new Set(services))
    .reverse()
    .flatMap((wave) => wave.map(({ service }) => service));
}

function removedWorkflows({ machines }: EarlierManifest, now: Manifest): [string, string][] {
  const named = new Set(now.workflows.map(({ name }) => name));
  return Object.entries(machines).filter(([name]) => !named.has(name));
}
