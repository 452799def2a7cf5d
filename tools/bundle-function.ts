/**
 * Bundles one folder of lambdas/. The AWS SDK is bundled too, since that starts faster than the one of the
 * runtime. What a function imports late stays in files of its own, so that a REST request does not load the
 * MCP code. A function that evaluates expressions, as its own imports tell, gets the program of the evaluator
 * processes beside its handler. Each file has its source map beside it, without the sources: they are in the repository.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { contentsOf, type Outputs, unreachableIn } from './bundle-contents.ts';
import { lambdaCredentials } from './lambda-credentials.ts';
import { leftOut } from './left-out.ts';
import { oneStart } from './one-start.ts';
import { packedDocuments } from './packed-documents.ts';
import { requiredBuiltins } from './required-builtins.ts';

export const root = fileURLToPath(new URL('../', import.meta.url));

/** The program of the evaluator processes, and the module that starts them. */
const evaluator = { 'evaluator-main': 'src/expressions/evaluator-main.ts' };
const evaluatorStarter = 'src/expressions/evaluator-process.ts';

/** Bundles a function into a folder of its name in `folder`, and says what was written. */
export async function bundleFunction(name: string, folder: string): Promise<Outputs> {
  const handler = { handler: `lambdas/${name}/handler.ts` };
  const outdir = join(folder, name);
  const alone = await outputsOf({ entryPoints: handler, outdir, write: false });
  const startsEvaluators = contentsOf(without(unreachableIn(alone), alone)).all.includes(evaluatorStarter);
  const entryPoints = { ...handler, ...(startsEvaluators && evaluator) };
  const outputs = await outputsOf({ entryPoints, outdir, write: true });
  const unreachable = unreachableIn(outputs);
  await Promise.all(unreachable.map((file) => rm(join(root, file))));
  return without(unreachable, outputs);
}

const without = (files: readonly string[], outputs: Outputs): Outputs =>
  Object.fromEntries(Object.entries(outputs).filter(([file]) => !files.includes(file)));

async function outputsOf(options: {
  entryPoints: { handler: string };
  outdir: string;
  write: boolean;
}): Promise<Outputs> {
  const { metafile } = await build({
    ...options,
    absWorkingDir: root,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    mainFields: ['module', 'main'],
    minify: true,
    sourcemap: 'external',
    sourcesContent: false,
    metafile: true,
    plugins: [
      oneStart(join(root, options.entryPoints.handler)),
      lambdaCredentials,
      leftOut,
      requiredBuiltins,
      packedDocuments,
    ],
    logLevel: 'warning',
  });
  return metafile.outputs;
}
