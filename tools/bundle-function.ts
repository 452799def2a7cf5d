/**
 * Bundles one folder of lambdas/. The AWS SDK is bundled too, since that starts faster than the one of the
 * runtime. What a function imports late stays in files of its own, so that a REST request does not load the
 * MCP code.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';

export const root = fileURLToPath(new URL('../', import.meta.url));

/** Bundled CommonJS packages ask for Node's own modules with `require`, which ESM does not have. */
const banner = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/** Bundles a function into a folder of its name in `folder`, and says what was written. */
export async function bundleFunction(name: string, folder: string): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: {
      handler: `lambdas/${name}/handler.ts`,
      // The program of the evaluator processes: every function may complete the output of an execution.
      'evaluator-main': 'src/clients/evaluator-main.ts',
    },
    outdir: join(folder, name),
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
