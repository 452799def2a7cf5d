/** Size and import time of each Lambda bundle, imported in a fresh process as a cold start does. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { quantile } from './load.ts';
import { type Cell, printTable } from './table.ts';

const folder = 'dist/lambdas';
const importsEach = 5;
const importAndTime =
  'const began = performance.now(); await import(process.argv[1]); ' +
  'console.log(performance.now() - began); process.exit(0);';

/** A valid environment for every function; nothing is connected to at import. */
const environment = {
  AWS_REGION: 'us-east-1',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  STAGE: 'bench',
  REGISTRY_TABLE: 'registry',
  EXECUTIONS_TABLE: 'executions',
  RETENTION_DAYS: '1',
  UNDO_MACHINE_ARN: 'arn:aws:states:us-east-1:000000000000:stateMachine:undo',
  MACHINE_PREFIX: 'bench-',
  MACHINE_ROLE_ARN: 'arn:aws:iam::000000000000:role/machines',
  RUN_STEP_FUNCTION: 'arn:aws:lambda:us-east-1:000000000000:function:run-step',
};

export async function printBundles(): Promise<void> {
  const bundles = bundlesBuilt();
  if (bundles.length === 0) {
    console.log(`\n3. Lambda bundles: skipped, ${folder} is missing (npm run build makes it)`);
    return;
  }
  const rows: Cell[][] = [];
  for (const { name, file } of bundles) rows.push(await measure(name, file));
  printTable('3. Lambda bundles', ['bundle', 'KB', 'import ms (median of 5)', 'slowest ms'], rows);
}

function bundlesBuilt(): { name: string; file: string }[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((name) => ({ name, file: join(folder, name, 'handler.mjs') }))
    .filter(({ file }) => existsSync(file));
}

async function measure(name: string, file: string): Promise<Cell[]> {
  const samples: number[] = [];
  for (let turn = 0; turn < importsEach; turn++) samples.push(await importTime(file));
  return [name, statSync(file).size / 1024, quantile(samples, 0.5), Math.max(...samples)];
}

async function importTime(file: string): Promise<number> {
  const args = ['--input-type=module', '-e', importAndTime, pathToFileURL(file).href];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: environment, timeout: 30_000 });
  return Number(stdout.trim());
}
