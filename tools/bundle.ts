/**
 * Bundles each folder of lambdas/ into dist/lambdas/<name>: `npm run build`. The AWS SDK is bundled too, since
 * that starts faster than the one of the runtime. What a function imports late stays in files of its own, so
 * that a REST request does not load the MCP code.
 */
import { readdir, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';

const root = fileURLToPath(new URL('../', import.meta.url));

/** Bundled CommonJS packages ask for Node's own modules with `require`, which ESM does not have. */
const banner = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/** Functions that evaluate expressions have the program of the evaluator processes beside their handler. */
const evaluating = new Set(['run-step', 'undo']);

/** Bundles one function and says what was written. */
async function bundle(name: string): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: {
      handler: `lambdas/${name}/handler.ts`,
      ...(evaluating.has(name) && { 'evaluator-main': 'src/clients/evaluator-main.ts' }),
    },
    outdir: `dist/lambdas/${name}`,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    mainFields: ['module', 'main'],
    minify: true,
    metafile: true,
    banner: { js: banner },
    logLevel: 'warning',
  });
  return metafile;
}

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
    async (name): Promise<[string, ReturnType<typeof sizesOf>]> => [name, sizesOf(await bundle(name))],
  ),
);
console.table(Object.fromEntries(bundles));
