/** Loads a manifest into the registry: its services first, then the workflows that call them. */
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { type Environment, type Manifest, parseManifest } from '../src/domain/manifest.ts';
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
  for (const workflow of manifest.workflows) {
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
