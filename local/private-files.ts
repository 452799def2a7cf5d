/**
 * The data folder is its owner's alone: it holds inputs, outputs and what the system authenticates itself with. Folders
 * are 0700 and files 0600, those of earlier releases too.
 */
import {
  chmodSync,
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  type Stats,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** What the system keeps in its folder; names of somebody else's there are left as they are. */
const ours =
  /^(admin-key|dynamodb|endpoints\.json|graph\.json|instances|orchestrator\.lock|step-functions\.journal)(\.|$)/;

/** Makes the data folder where it is missing, and tightens what is there. Throws when nothing can be written to it. */
export function prepareDataFolder(folder: string): void {
  try {
    makeFolder(folder);
    tryWriting(folder);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(
      `the data folder ${folder} cannot be written (${why}); name another one with ORCHESTRATOR_DATA_DIR`,
      { cause: error },
    );
  }
  tightenFolder(folder);
  for (const name of readdirSync(folder)) if (ours.test(name)) tighten(join(folder, name));
}

/** Node's own recursive mkdir never ends where a folder exists and takes no other one, such as below /proc. */
function makeFolder(folder: string): void {
  if (isFolder(folder)) return;
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    const parent = dirname(folder);
    if (codeOf(error) !== 'ENOENT' || parent === folder || isFolder(parent)) throw error;
    makeFolder(parent);
    mkdirSync(folder, { mode: 0o700 });
  }
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

function tryWriting(folder: string): void {
  const file = join(folder, `orchestrator.lock.try-${process.pid}`);
  closeSync(openSync(file, 'w', 0o600));
  rmSync(file);
}

/** A folder of many people, such as /tmp, or of somebody else stays as it is. */
function tightenFolder(folder: string): void {
  const found = statSync(folder);
  if (isMine(found) && (found.mode & 0o1000) === 0) chmodSync(folder, 0o700);
}

const isMine = ({ uid }: Stats): boolean => process.getuid === undefined || process.getuid() === uid;

/** Links are not followed. */
function tighten(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined || !isMine(found)) return;
  if (found.isFile()) chmodSync(path, 0o600);
  if (!found.isDirectory()) return;
  chmodSync(path, 0o700);
  for (const name of readdirSync(path)) tighten(join(path, name));
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;
