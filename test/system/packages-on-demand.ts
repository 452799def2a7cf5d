/** Packages of npm that are no dependency: installed when they are first needed, without their install scripts. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { onDemand, type Skipped } from './on-demand.ts';

const run = promisify(execFile);

const boundMs = 120_000;

const options = [
  '--no-audit',
  '--no-fund',
  '--no-package-lock',
  '--ignore-scripts',
  '--loglevel=error',
  '--fetch-retries=1',
  '--fetch-timeout=20000',
];

/** The folder in whose `node_modules` they are. */
export const packagesOnDemand = (
  name: string,
  packages: readonly string[],
): Promise<{ readonly folder: string } | Skipped> =>
  onDemand({
    name,
    contents: packages.join(' '),
    boundMs,
    async make(folder, signal) {
      await run('npm', ['install', '--prefix', folder, ...options, ...packages], { signal });
    },
  });
