/** The example services on Python FastMCP, in a virtual environment that is made on first use. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type ExampleServices, startServices } from '../../local/example-services.ts';
import { onDemand, type Skipped, skipped } from './on-demand.ts';

const run = promisify(execFile);

const variables = {
  gmail: 'GMAIL_SERVICE_URL',
  classifier: 'CLASSIFIER_SERVICE_URL',
  graph: 'GRAPH_SERVICE_URL',
} as const;

/** What a `beforeAll` that starts these services may take, in milliseconds. */
export const pythonServicesBoundMs = 150_000;

const installBoundMs = 120_000;

/** On free ports, the graph in `dataDir`; or why not here: no Python 3.10, no venv, no package index. */
export async function startPythonServices({
  dataDir,
}: {
  dataDir: string;
}): Promise<ExampleServices | Skipped> {
  const python = await installedPython();
  if ('skipped' in python) return python;
  return startServices(
    Object.entries(variables).map(([name, variable]) => ({
      variable,
      program: {
        name,
        module: pathOf(`${name}.py`),
        interpreter: python.interpreter,
        env: { HOST: '127.0.0.1', PORT: '0', GRAPH_FILE: join(dataDir, 'graph.json') },
      },
    })),
  );
}

/** The interpreter that has what `requirements.txt` names. */
export async function installedPython(): Promise<{ readonly interpreter: string } | Skipped> {
  const system = await systemPython();
  if ('skipped' in system) return system;
  const requirements = pathOf('requirements.txt');
  const environment = await onDemand({
    name: 'python',
    contents: `${system.version} ${process.platform} ${process.arch}\n${await readFile(requirements, 'utf8')}`,
    boundMs: installBoundMs,
    make: (folder, signal) => install(requirements, folder, signal),
  });
  if ('skipped' in environment) return environment;
  return { interpreter: interpreterIn(environment.folder) };
}

const pathOf = (name: string): string =>
  fileURLToPath(new URL(`../../examples/python/${name}`, import.meta.url));

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
