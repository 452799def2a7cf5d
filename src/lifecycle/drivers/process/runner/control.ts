/**
 * The socket of a runner: whoever connects is told what is known of the start, now and whenever it changes, and may ask
 * for its end. Only its owner gets there: the folder of the socket is closed to others.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Control {
  /** Where it listens. */
  readonly path: string;
  /** Tells everybody, and whoever comes later. */
  tell(line: string): void;
  /** Tells nothing more, and listens no longer. */
  close(): void;
}

/** Bytes that a path of a socket may have on every Unix (macOS has 104 with the zero at the end). */
const longestPath = 100;

/** In the folder where its path is short enough and the file system has sockets, else in a folder for temporary files. */
export async function openControl(folder: string, asked: (line: string) => void): Promise<Control> {
  const clients = new Set<Socket>();
  let last = '';
  let closed = false;
  const server = createServer((socket) => {
    clients.add(socket);
    socket.setEncoding('utf8').on('data', listen(asked));
    socket.on('error', () => socket.destroy());
    socket.once('close', () => clients.delete(socket));
    if (closed) socket.end(last);
    else socket.write(last);
  });
  const path = await listenBelow(server, folder);
  return {
    path,
    tell(line) {
      last = `${line}\n`;
      for (const client of clients) client.write(last);
    },
    close() {
      closed = true;
      server.close();
      for (const client of clients) client.end();
      if (process.platform !== 'win32') rmSync(path, { force: true });
    },
  };
}

async function listenBelow(server: Server, folder: string): Promise<string> {
  const name = `${randomBytes(6).toString('hex')}.sock`;
  if (process.platform === 'win32') return await listenAt(server, `\\\\.\\pipe\\orchestrator-${name}`);
  const near = join(folder, name);
  if (Buffer.byteLength(near) <= longestPath) {
    try {
      return await listenAt(server, near);
    } catch {
      // Not every file system has sockets.
    }
  }
  return await listenAt(server, join(temporaryFolder(), name));
}

function listenAt(server: Server, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.removeListener('error', reject);
      if (process.platform !== 'win32') chmodSync(path, 0o600);
      resolve(path);
    });
  });
}

/** Somebody else may have made a folder of that name to listen in. */
function temporaryFolder(): string {
  const folder = join(tmpdir(), `orchestrator-${process.getuid?.() ?? 0}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o077) !== 0)
    throw new Error(`${folder} is no folder of this user alone`);
  return folder;
}

const longestLine = 1_000;

/** Whole lines; whoever sends endless ones is not heard. */
function listen(asked: (line: string) => void): (piece: string) => void {
  let rest = '';
  return (piece) => {
    const lines = `${rest}${piece}`.split('\n');
    rest = (lines.pop() ?? '').slice(0, longestLine);
    for (const line of lines) asked(line);
  };
}
