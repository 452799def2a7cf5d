/**
 * Bundles one folder of lambdas/. The AWS SDK is bundled too, since that starts faster than the one of the
 * runtime. What a function imports late stays in files of its own, so that a REST request does not load the
 * MCP code. Each file has its source map beside it, without the sources: they are in the repository.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type Outputs, unreachableIn } from './bundle-contents.ts';
import { lambdaCredentials } from './lambda-credentials.ts';
import { requiredBuiltins } from './required-builtins.ts';

export const root = fileURLToPath(new URL('../', import.meta.url));

/** Bundles a function into a folder of its name in `folder`, and says what was written. */
export async function bundleFunction(name: string, folder: string): Promise<Outputs> {
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
    sourcemap: 'linked',
    sourcesContent: false,
    metafile: true,
    plugins: [lambdaCredentials, requiredBuiltins],
    logLevel: 'warning',
  });
  const unreachable = unreachableIn(metafile.outputs);
  await Promise.all(unreachable.map((file) => rm(join(root, file))));
  return Object.fromEntries(Object.entries(metafile.outputs).filter(([file]) => !unreachable.includes(file)));
}
