/** The whole local system in a process of its own, which a test may kill and start again on the same data. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { type Door, restDoor } from './clients.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const Endpoints = z.object({
  api: z.string(),
  mcp: z.string(),
  stepFunctions: z.string(),
  dynamodb: z.string(),
});

export interface LocalProcess {
  /** Starts it, after ending the one that runs, with another manifest where one is given; the door leads to it until it ends. */
  start(manifest?: object): Promise<Door>;
  /** kill -9. */
  kill(): Promise<void>;
  /** SIGTERM, until it has ended. */
  stop(): Promise<void>;
  /** Ends it and removes its data. */
  close(): Promise<void>;
}

export async function createLocalProcess(manifest: object): Promise<LocalProcess> {
  const dataDir = await mkdtemp(join(tmpdir(), 'orchestrator-process-'));
  const write = (document: object) => writeFile(join(dataDir, 'manifest.yaml'), JSON.stringify(document));
  await write(manifest);
  let running: ChildProcess | undefined;

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (!running) return;
    const ended = running;
    running = undefined;
    if (ended.exitCode !== null || ended.signalCode !== null) return;
    const exited = once(ended, 'exit');
    ended.kill(signal);
    await exited;
  };

  return {
    async start(other) {
      await end('SIGTERM');
      if (other !== undefined) await write(other);
      running = spawnIn(dataDir);
      await welcomed(running);
      const endpoints = await readFile(join(dataDir, 'endpoints.json'), 'utf8');
      return restDoor(Endpoints.parse(JSON.parse(endpoints)));
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    async close() {
      await end('SIGTERM');
      await rm(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}

function spawnIn(dataDir: string): ChildProcess {
  return spawn(process.execPath, ['--import', import.meta.resolve('tsx'), join(root, 'bin/local.ts')], {
    cwd: dataDir,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      PORT: '0',
      STEP_FUNCTIONS_PORT: '0',
      DYNAMODB_PORT: '0',
      EXAMPLE_SERVICES: 'off',
      ORCHESTRATOR_DATA_DIR: dataDir,
      ORCHESTRATOR_MANIFEST: join(dataDir, 'manifest.yaml'),
      LOG_OUTPUT: `file:${join(dataDir, 'log')}`,
    },
  });
}

function welcomed(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    const hear = (chunk: Buffer): void => {
      said += chunk.toString();
      if (said.includes('Orchestrator is running')) resolve();
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.once('exit', () => reject(new Error(`it did not start: ${said}`)));
  });
}
