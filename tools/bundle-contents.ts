/** What a bundle consists of, as esbuild's metafile tells: which files are read at start, and which packages. */
import { basename } from 'node:path';
import type { Metafile } from 'esbuild';

export type Outputs = Metafile['outputs'];

/** Parts of a bundle by their size in bytes. */
export interface BundleContents {
  readonly startBytes: number;
  readonly allBytes: number;
  readonly startFiles: number;
  readonly allFiles: number;
  /** Names of packages, and paths of our own files, that are loaded before the first event. */
  readonly atStart: readonly string[];
  readonly all: readonly string[];
}

const isCode = (file: string): boolean => !file.endsWith('.map');
const handlerOf = (files: readonly string[]): string[] =>
  files.filter((file) => basename(file) === 'handler.mjs');
const entriesOf = (outputs: Outputs): string[] =>
  Object.keys(outputs).filter((file) => /^(handler|evaluator-main)\.mjs$/.test(basename(file)));

/** The files that these files import, and they themselves; with `late` also those that are imported when asked for. */
function importedBy(outputs: Outputs, entries: readonly string[], late: boolean): string[] {
  const found = new Set<string>();
  const pending = [...entries];
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (found.has(file)) continue;
    found.add(file);
    const imports = outputs[file]?.imports ?? [];
    pending.push(
      ...imports.flatMap(({ path, kind, external }) =>
        !external && (late || kind === 'import-statement') ? [path] : [],
      ),
    );
  }
  return [...found];
}

/** Code that nothing imports: esbuild also writes the target of an `import()` that it has removed as unused. */
export function unreachableIn(outputs: Outputs): string[] {
  const reached = new Set(importedBy(outputs, entriesOf(outputs), true));
  return Object.keys(outputs).filter((file) => !reached.has(file.replace(/\.map$/, '')));
}

export function contentsOf(outputs: Outputs): BundleContents {
  const all = Object.keys(outputs).filter(isCode);
  const atStart = importedBy(outputs, handlerOf(all), false);
  const bytesOf = (files: readonly string[]): number =>
    files.reduce((sum, file) => sum + (outputs[file]?.bytes ?? 0), 0);
  return {
    startBytes: bytesOf(atStart),
    allBytes: bytesOf(all),
    startFiles: atStart.length,
    allFiles: all.length,
    atStart: partsOf(outputs, atStart),
    all: partsOf(outputs, all),
  };
}

/** Only what has left something in the bundle counts: an import of types, or of what is unused, leaves nothing. */
function partsOf(outputs: Outputs, files: readonly string[]): string[] {
  const inputs = files.flatMap((file) => Object.entries(outputs[file]?.inputs ?? {}));
  const parts = inputs.flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [partOf(path)] : []));
  return [...new Set(parts)].sort();
}

/** `node_modules/@aws-sdk/core/dist-es/index.js` is of the package `@aws-sdk/core`. */
const partOf = (path: string): string => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? path;
