/** A virtual environment with what a `requirements.txt` names, made on first use. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onDemand, type Skipped, skipped } from './on-demand.ts';

const run = promisify(execFile);
const installBoundMs = 120_000;

export interface PythonEnvironment {
  readonly name: string;
  /** Path of the requirements file. */
  readonly requirements: string;
}

/** The interpreter that has what the file names; or why not here: no Python 3.10, no venv, no package index. */
export async function pythonEnvironment({
  name,
  requirements,
}: PythonEnvironment): Promise<{ readonly interpreter: string } | Skipped> {
  const system = await systemPython();
  if ('skipped' in system) return system;
  const environment = await onDemand({
    name,
    contents: `${system.version} ${process.platform} ${process.arch}\n${await readFile(requirements, 'utf8')}`,
    boundMs: installBoundMs,
    make: (folder, signal) => install(requirements, folder, signal),
  });
  if ('skipped' in environment) return environment;
  return { interpreter: interpreterIn(environment.folder) };
}

const interpreterIn = (folder: string): string => join(folder, 'bin', 'python');

const questions = 'import sys, venv, ensurepip; print(sys.version); sys.exit(sys.version_info < (3, 10))';

async function systemPython(): Promise<{ readonly version: string } | Skipped> {
  // The channel on which a service says where it listens is a pipe of another kind there.
  if (process.platform === 'win32') return skipped('the Python services report to no parent on Windows');
  try {
    const { stdout } = await run('python3', ['-c', questions], { timeout: 20_000 });
    return { version: stdout.trim() };
  } catch {
    return skipped('there is no python3 of 3.10 or newer with venv');
  }
}

/** An environment may be moved as long as only its interpreter is used: its scripts name the old place. */
async function install(requirements: string, folder: string, signal: AbortSignal): Promise<void> {
  await run('python3', ['-m', 'venv', folder], { signal });
  const once = ['--disable-pip-version-check', '--no-input', '--retries', '1', '--timeout', '15'];
  // Wheels only: building a package could take minutes.
  const packages = ['--quiet', '--only-binary', ':all:', '--requirement', requirements];
  await run(interpreterIn(folder), ['-m', 'pip', 'install', ...once, ...packages], { signal });
}
