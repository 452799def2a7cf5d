/** Loads a manifest into the registry: its services first, then the workflows that call them. */
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { type Environment, type Manifest, parseManifest } from '../src/domain/manifest.ts';
import { salvage } from '../src/domain/workflows/salvage.ts';
import { workflowsOf } from '../src/domain/workflows/steps.ts';
import type { OperationContext } from '../src/operations/context.ts';
import { putWorkflow } from '../src/operations/put-workflow.ts';
import { putService } from '../src/operations/services.ts';

/** Throws, naming the file, when it cannot be read or is not valid. */
export async function readManifest(file: string, env: Environment): Promise<Manifest> {
  try {
    return parseManifest(parse(await readFile(file, 'utf8')), env);
  } catch (error) {
    throw new Error(`${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

export async function applyManifest(context: OperationContext, manifest: Manifest): Promise<void> {
  for (const service of manifest.services) await putService(context, service, 'manifest');
  for (const workflow of inOrder(manifest.workflows)) {
    try {
      await putWorkflow(context, workflow, 'manifest');
    } catch (error) {
      throw new Error(
        `workflow ${workflow.name}: ${error instanceof Error ? error.message : String(error)}`,
        { cause: error },
      );
    }
  }
}

type Workflows = Manifest['workflows'];

/** Workflows that others run come before them. */
function inOrder(workflows: Workflows): Workflows {
  const byName = new Map(workflows.map((workflow) => [workflow.name, workflow]));
  const ordered = new Set<Workflows[number]>();
  const visiting = new Set<string>();
  const visit = (workflow: Workflows[number]): void => {
    if (visiting.has(workflow.name)) return;
    visiting.add(workflow.name);
    for (const name of workflowsOf(salvage(workflow))) {
      const run = byName.get(name);
      if (run) visit(run);
    }
    ordered.add(workflow);
  };
  for (const workflow of workflows) visit(workflow);
  return [...ordered];
}
