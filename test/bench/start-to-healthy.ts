/** As a user sees it: from typing `npm start` until `/healthz` answers 200, without the example services. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../system/free-port.ts';
import { quantile } from './load.ts';
import { createPlainClient } from './plain-client.ts';
import { endedWithDriver } from './systems/program.ts';
import { temporaryFolder } from './systems/temporary-folder.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const lookEveryMs = 5;
const boundMs = 60_000;

interface Started {
  readonly dataDir: string;
  readonly manifest: string;
}

/** The median of so many starts, each in a folder of its own where none is given. Milliseconds. */
export async function startToHealthy(
  times: number,
  { dataDir, manifest }: { dataDir?: string; manifest: string },
): Promise<number> {
  const taken: number[] = [];
  for (let time = 0; time < times; time++) {
    const folder = await temporaryFolder('start');
    taken.push(await startOnce({ dataDir: dataDir ?? join(folder.path, 'data'), manifest }));
    await folder.remove();
  }
  return quantile(taken, 0.5);
}

async function startOnce(started: Started): Promise<number> {
  const port = await freePort();
  const began = performance.now();
  const child = spawnNpmStart(port, started);
  const alive = endedWithDriver(() => endGroup(child));
  try {
    await healthy(`http://127.0.0.1:${port}/healthz`, child);
    return performance.now() - began;
  } finally {
    alive.release();
    await endAll(child);
  }
}

/** In a group of its own, so that what npm starts can be ended with it. */
function spawnNpmStart(port: number, { dataDir, manifest }: Started): ChildProcess {
  const windows = process.platform === 'win32';
  return spawn('npm', ['start'], {
    cwd: root,
    detached: !windows,
    shell: windows,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      PORT: String(port),
      ORCHESTRATOR_DATA_DIR: dataDir,
      ORCHESTRATOR_MANIFEST: manifest,
      EXAMPLE_SERVICES: 'off',
      LOG_OUTPUT: `file:${dataDir}.log`,
    },
  });
}

async function healthy(url: string, child: ChildProcess): Promise<void> {
  const client = createPlainClient();
  child.stdout?.resume();
  const bound = performance.now() + boundMs;
  try {
    while (!(await isOk(client.look(url)))) {
      if (child.exitCode !== null || performance.now() > bound) throw new Error('npm start did not start');
      await sleep(lookEveryMs);
    }
  } finally {
    client.close();
  }
}

const isOk = (answer: Promise<{ status: number }>): Promise<boolean> =>
  answer.then(
    ({ status }) => status === 200,
    () => false,
  );

/** Resolves when all of them are gone: their output is closed. */
async function endAll(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close', { signal: AbortSignal.timeout(boundMs) });
  endGroup(child);
  await closed;
}

function endGroup({ pid, exitCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null) return;
  if (process.platform === 'win32') spawn('taskkill', ['/pid', String(pid), '/T', '/F']);
  else process.kill(-pid, 'SIGTERM');
}
