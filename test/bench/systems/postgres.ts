/** A Postgres of its own with the settings that `initdb` gives, where its programs are on the PATH. */
import { execFile } from 'node:child_process';
import { chown } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../system/free-port.ts';
import { type Running, startProgram } from './program.ts';
import { temporaryFolder } from './temporary-folder.ts';

const run = promisify(execFile);

/** Postgres refuses to be run by root; `nobody` is there everywhere. */
const nobody = 65_534;

export type Postgres = Running & { readonly url: string };

export async function hasPostgres(): Promise<boolean> {
  const versions = ['initdb', 'postgres'].map((program) => run(program, ['--version']));
  return await Promise.all(versions).then(
    () => true,
    () => false,
  );
}

export async function startPostgres(): Promise<Postgres> {
  const folder = await temporaryFolder('postgres');
  try {
    const port = await freePort();
    const running = await startIn(folder.path, port);
    return {
      pid: running.pid,
      url: `postgresql://bench@127.0.0.1:${port}/postgres`,
      async stop() {
        await running.stop();
        await folder.remove();
      },
    };
  } catch (error) {
    await folder.remove();
    throw error;
  }
}

async function startIn(folder: string, port: number): Promise<Running> {
  const uid = process.getuid?.() === 0 ? nobody : undefined;
  if (uid !== undefined) await chown(folder, uid, uid);
  const user = uid === undefined ? {} : { uid, gid: uid };
  const data = join(folder, 'data');
  await run('initdb', ['-D', data, '-U', 'bench', '--auth=trust'], { ...user, cwd: folder });
  return await startProgram({
    name: 'Postgres',
    command: 'postgres',
    args: ['-D', data, '-p', String(port), '-k', '', '-c', 'listen_addresses=127.0.0.1'],
    endSignal: 'SIGINT',
    ready: () => answers(port),
    ...(uid !== undefined && { uid }),
  });
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
