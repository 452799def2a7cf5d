/** MiniStack, an emulator of AWS, as a process of its own: on loopback, with a home and a fake key of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../system/free-port.ts';
import type { Skipped } from '../system/on-demand.ts';
import { pythonEnvironment } from '../system/python-environment.ts';

export interface Emulator {
  readonly endpoint: string;
  /** What every program that talks to it is started with, and nothing else. */
  readonly env: Record<string, string>;
  stop(): Promise<void>;
}

const requirements = fileURLToPath(new URL('requirements.txt', import.meta.url));
const startsWithinMs = 60_000;
const region = 'us-east-1';

/** With AUTH it holds each call of a function against the policies of its role, as AWS does. */
const settings = { BIND_HOST: '127.0.0.1', IOT_MTLS_ENABLED: '0', AUTH: 'true' };

/** Installed and running; or why not here. */
export async function startMinistack(folder: string): Promise<Emulator | Skipped> {
  const python = await pythonEnvironment({ name: 'ministack', requirements });
  if ('skipped' in python) return python;
  const endpoint = `http://127.0.0.1:${await freePort()}`;
  const env = await environmentIn(folder, endpoint);
  const child = spawn(python.interpreter, ['-m', 'ministack'], {
    cwd: folder,
    env: { ...env, ...settings, GATEWAY_PORT: new URL(endpoint).port },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = createWriteStream(join(folder, 'ministack.log'));
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  await answering(child, endpoint);
  return { endpoint, env, stop: () => stop(child) };
}

/** Its functions run as child processes and inherit this. */
async function environmentIn(folder: string, endpoint: string): Promise<Record<string, string>> {
  const [home, temporary] = [join(folder, 'home'), join(folder, 'tmp')];
  for (const made of [home, temporary]) await mkdir(made, { recursive: true });
  // Node takes a script below it for CommonJS, whatever lies in folders above.
  await writeFile(join(temporary, 'package.json'), '{}');
  return {
    PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
    HOME: home,
    TMPDIR: temporary,
    AWS_ENDPOINT_URL: endpoint,
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_ACCESS_KEY_ID: 'emulated-deployment',
    AWS_SECRET_ACCESS_KEY: 'emulated-deployment',
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
}

async function answering(child: ChildProcess, endpoint: string): Promise<void> {
  for (const until = Date.now() + startsWithinMs; ; await sleep(100)) {
    const answer = await fetch(`${endpoint}/_ministack/health`).catch(() => undefined);
    if (answer?.ok) return;
    if (child.exitCode !== null) throw new Error(`MiniStack ended with exit code ${child.exitCode}`);
    if (Date.now() > until) throw new Error('MiniStack did not answer within a minute');
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(late);
}
