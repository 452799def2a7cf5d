/** Reads a manifest from its file. */
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type Environment, type Manifest, parseManifest } from '../src/domain/manifest.ts';
import { yamlValue } from '../src/operations/parse-yaml.ts';

/** Throws, naming the file, when it cannot be read or is not valid. */
export async function readManifest(file: string, env: Environment): Promise<Manifest> {
  try {
    return parseManifest(yamlValue(await readFile(file, 'utf8')), env);
  } catch (error) {
    throw new Error(`${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** The variables that it may name; none of a file that cannot be read. */
export function manifestVariables(file: string): string[] {
  if (!existsSync(file)) return [];
  return [...readFileSync(file, 'utf8').matchAll(/\$\{([A-Z][A-Z0-9_]*)/g)].map(([, name = '']) => name);
}
