/** Reads the manifest file of a stage. */
import { readFile } from 'node:fs/promises';
import { type DeployedManifest, deployedManifest, type ManifestSource } from '../lib/deployed-manifest.ts';
import { withLines } from '../src/manifest/fault-lines.ts';
import { readYaml } from '../src/manifest/read-yaml.ts';

/** Throws what is wrong with the file's name, and the line of each fault. */
export async function readDeployedManifest(
  file: string,
  { env, checkSchema }: Pick<ManifestSource, 'env' | 'checkSchema'>,
): Promise<DeployedManifest> {
  try {
    const { value: document, lineOf } = await readYaml(await readFile(file, 'utf8'));
    return withLines(lineOf, () => deployedManifest({ document, env, checkSchema, lineOf }));
  } catch (error) {
    throw new Error(`${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
