/** Takes out of the registry what a deployment does not name any more, unless the API has taken it over. */

import { OrchestratorError } from '../base/errors.ts';
import type { RegistryContext } from '../registry/context.ts';
import { currentGraph } from '../registry/dependencies/change-graph.ts';
import { arrowsOf } from '../registry/dependencies/model/arrows.ts';
import { startWaves } from '../registry/dependencies/model/start-order.ts';
import { removeService } from '../registry/services/remove-service.ts';
import { removeWorkflow } from '../workflows/change-workflow.ts';
import type { ManifestContext } from './context.ts';
import { serviceId } from './model/applied-manifest.ts';
import type { Manifest } from './model/manifest.ts';

/** The services of a manifest that is replaced, and the arns of the machines of its workflows. */
export interface EarlierManifest {
  readonly services: readonly { readonly name: string; readonly version: string }[];
  readonly machines: Readonly<Record<string, string>>;
}

type RemovalContext = Pick<ManifestContext, 'workflows' | 'stepFunctions'> & RegistryContext;

/**
 * Throws `workflow.in-use`, before anything is changed, when executions of a workflow run that is no longer named:
 * its machine is deleted next, and they would end with it.
 */
export async function refuseWhileRunning(
  { stepFunctions }: RemovalContext,
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
export async function removeOmitted(
  context: RemovalContext,
  earlier: EarlierManifest,
  now: Manifest,
): Promise<void> {
  for (const [name, arn] of removedWorkflows(earlier, now))
    await removeWorkflow(context, { name, machineArn: arn });
  const named = new Set(now.services.map(serviceId));
  const removed = earlier.services.filter((service) => !named.has(serviceId(service)));
  for (const name of await dependentsFirst(context, removed)) {
    for (const { version } of removed.filter((service) => service.name === name))
      await removeService(context, { name, version, managedBy: 'manifest' });
  }
}

/** In an order in which none of them is needed by one that is still there. */
async function dependentsFirst(
  context: RegistryContext,
  services: readonly { readonly name: string }[],
): Promise<string[]> {
  const arrows = arrowsOf((await currentGraph(context)).edges);
  return startWaves(arrows, new Set(services.map(({ name }) => name)))
    .reverse()
    .flatMap((wave) => wave.map(({ service }) => service));
}

function removedWorkflows({ machines }: EarlierManifest, now: Manifest): [string, string][] {
  const named = new Set(now.workflows.map(({ name }) => name));
  return Object.entries(machines).filter(([name]) => !named.has(name));
}
