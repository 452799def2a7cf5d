/** The example services on Python FastMCP, in a virtual environment that is made on first use. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ExampleServices, startServices } from './example-services.ts';
import type { Skipped } from './on-demand.ts';
import { pythonEnvironment } from './python-environment.ts';

const variables = {
  gmail: 'GMAIL_SERVICE_URL',
  classifier: 'CLASSIFIER_SERVICE_URL',
  graph: 'GRAPH_SERVICE_URL',
} as const;

/** What a `beforeAll` that starts these services may take, in milliseconds. */
export const pythonServicesBoundMs = 150_000;

/** On free ports, the graph in `dataDir`; or why not here: no Python 3.10, no venv, no package index. */
export async function startPythonServices({
  dataDir,
  mailboxDir,
}: {
  dataDir: string;
  /** Default: the example mailbox. */
  mailboxDir?: string | undefined;
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
        env: {
          HOST: '127.0.0.1',
          PORT: '0',
          GRAPH_FILE: join(dataDir, 'graph.json'),
          ...(mailboxDir !== undefined && { MAILBOX_DIR: mailboxDir }),
        },
      },
    })),
  );
}

/** The interpreter that has what `requirements.txt` names. */
export const installedPython = () =>
  pythonEnvironment({ name: 'python', requirements: pathOf('requirements.txt') });

const pathOf = (name: string): string =>
  fileURLToPath(new URL(`../../examples/python/${name}`, import.meta.url));
