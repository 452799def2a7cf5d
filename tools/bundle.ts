/** Bundles each folder of lambdas/ into dist/lambdas/<name>, and says how large they are: `npm run build`. */
import { readdir, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Metafile } from 'esbuild';
import { bundleFunction, root } from './bundle-function.ts';

/** KB at the start: the handler with the chunks that it imports statically; the rest is loaded when asked for. */
function sizesOf({ outputs }: Metafile): { 'at start (KB)': number; 'all (KB)': number; files: number } {
  const atStart = new Set<string>();
  const pending = Object.keys(outputs).filter((file) => basename(file) === 'handler.mjs');
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (atStart.has(file)) continue;
    atStart.add(file);
    const imports = outputs[file]?.imports ?? [];
    pending.push(
      ...imports.flatMap(({ path, kind, external }) =>
        kind === 'import-statement' && !external ? [path] : [],
      ),
    );
  }
  const kilobytes = (files: Iterable<string>) =>
    Math.round([...files].reduce((sum, file) => sum + (outputs[file]?.bytes ?? 0), 0) / 1024);
  const all = Object.keys(outputs);
  return { 'at start (KB)': kilobytes(atStart), 'all (KB)': kilobytes(all), files: all.length };
}

await rm(`${root}dist/lambdas`, { recursive: true, force: true });
const names = (await readdir(`${root}lambdas`, { withFileTypes: true }))
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();
const bundles = await Promise.all(
  names.map(
    async (name): Promise<[string, ReturnType<typeof sizesOf>]> => [
      name,
      sizesOf(await bundleFunction(name, 'dist/lambdas')),
    ],
  ),
);
console.table(Object.fromEntries(bundles));
