/** Reads a manifest from its file. */
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { errorWithLines, withLines } from '../src/manifest/fault-lines.ts';
import { type Environment, type Manifest, parseManifest } from '../src/manifest/model/manifest.ts';
import { readYaml } from '../src/manifest/read-yaml.ts';

export interface ManifestFile {
  readonly manifest: Manifest;
  /** An error that came of what is in it, with the file, and the line of each fault. */
  readonly explained: (error: unknown) => unknown;
}

/** The file could not be read at all. */
export class ManifestUnread extends Error {}

/** Throws, naming the file, when it cannot be read or is not valid. */
export async function readManifestFile(file: string, env: Environment): Promise<ManifestFile> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new ManifestUnread(inFile(file, error).message, { cause: error });
  });
  try {
    const { value, lineOf } = await readYaml(text);
    const manifest = withLines(lineOf, () => parseManifest(value, env));
    const explained = (error: unknown): unknown => {
      const told = errorWithLines(error, lineOf);
      return told === error ? error : inFile(file, told);
    };
    return { manifest, explained };
  } catch (error) {
    throw inFile(file, error);
  }
}

const inFile = (file: string, error: unknown): Error =>
  new Error(`${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });

export const readManifest = async (file: string, env: Environment): Promise<Manifest> =>
  (await readManifestFile(file, env)).manifest;

/** The variables that it may name; none of a file that cannot be read. */
export function manifestVariables(file: string): string[] {
  if (!existsSync(file)) return [];
  return [...readFileSync(file, 'utf8').matchAll(/\$\{([A-Z][A-Z0-9_]*)/g)].map(([, name = '']) => name);
}
