/** Reads a manifest from its file. */
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { type Environment, type Manifest, parseManifest } from '../src/domain/manifest.ts';

/** Throws, naming the file, when it cannot be read or is not valid. */
export async function readManifest(file: string, env: Environment): Promise<Manifest> {
  try {
    return parseManifest(parse(await readFile(file, 'utf8')), env);
  } catch (error) {
    throw new Error(`${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
