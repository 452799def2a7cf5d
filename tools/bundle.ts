/**
 * Bundles each folder of lambdas/ into dist/lambdas/<name>, and says how large they are: `npm run build`.
 * What each bundle consists of is kept beside them for `npm run coldstart`.
 */
import { readdir, rm, writeFile } from 'node:fs/promises';
import { contentsOf } from './bundle-contents.ts';
import { bundleFunction, root } from './bundle-function.ts';

await rm(`${root}dist/lambdas`, { recursive: true, force: true });
const folders = await readdir(`${root}lambdas`, { withFileTypes: true });
const names = folders.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
const bundles = await Promise.all(
  names.map(async (name) => [name, contentsOf(await bundleFunction(name, 'dist/lambdas'))] as const),
);
await writeFile(`${root}dist/bundle-contents.json`, JSON.stringify(Object.fromEntries(bundles), null, 2));
const kilobytes = (bytes: number): number => Math.round(bytes / 1024);
const rows = bundles.map(([name, { startBytes, startFiles, allBytes, allFiles }]) => [
  name,
  {
    'at start (KB)': kilobytes(startBytes),
    'files at start': startFiles,
    'all (KB)': kilobytes(allBytes),
    files: allFiles,
  },
]);
console.table(Object.fromEntries(rows));
