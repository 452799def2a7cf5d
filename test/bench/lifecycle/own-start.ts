/** What a program needs by itself: from spawning it until its first answer of 200, without anybody who looks after it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { drivenProgram } from '../../system/driven-services.ts';
import { freePort } from '../../system/free-port.ts';
import { createPlainClient } from '../plain-client.ts';

const lookEveryMs = 2;
const boundMs = 30_000;

/** Milliseconds. */
export async function ownStart(env: Readonly<Record<string, string>> = {}): Promise<number> {
  const port = await freePort();
  const client = createPlainClient();
  const began = performance.now();
  const child = spawn(process.execPath, [drivenProgram], {
    env: { ...env, PORT: String(port) },
    stdio: 'ignore',
  });
  try {
    while (!(await isOk(client.look(`http://127.0.0.1:${port}/health`)))) {
      if (performance.now() - began > boundMs) throw new Error('The program did not start');
      await sleep(lookEveryMs);
    }
    return performance.now() - began;
  } finally {
    client.close();
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
}

const isOk = (answer: Promise<{ status: number }>): Promise<boolean> =>
  answer.then(
    ({ status }) => status === 200,
    () => false,
  );
