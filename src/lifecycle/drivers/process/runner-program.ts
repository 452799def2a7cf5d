/**
 * The program of runners as plain JavaScript, bundled once and put into the data folder under a name of its contents: it
 * begins in a fraction of the time that it would take through tsx. Files of earlier contents stay for the runners that
 * still need them.
 */
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { once } from '../../../base/once.ts';

/** The path of the program. */
export async function runnerProgram(instances: string): Promise<string> {
  const folder = join(instances, 'program');
  const files = await bundled();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const { path, contents } of files) place(join(folder, basename(path)), contents);
  const main = files.map(({ path }) => basename(path)).find((name) => name.startsWith('main-'));
  if (main === undefined) throw new Error('the bundle of the runner has no main file');
  return join(folder, main);
}

const bundled = once(bundle);

/** The bundler is loaded only here, and its process ended again: whoever starts no process needs none. */
async function bundle() {
  const { build, stop } = await import('esbuild');
  try {
    const { outputFiles } = await build({
      entryPoints: [fileURLToPath(new URL('./runner/main.ts', import.meta.url))],
      outdir: 'program',
      entryNames: '[name]-[hash]',
      chunkNames: '[name]-[hash]',
      outExtension: { '.js': '.mjs' },
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      minify: true,
      write: false,
      logLevel: 'silent',
    });
    return outputFiles;
  } finally {
    await stop();
  }
}

/** Whoever runs it meanwhile reads the whole of it. */
function place(path: string, contents: Uint8Array): void {
  if (existsSync(path)) return;
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, contents, { mode: 0o600 });
  renameSync(draft, path);
}
