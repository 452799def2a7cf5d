/**
 * What a child says, in a file and the one before it, so that the last of it is there and no more than twice the bound
 * is kept. Written at once: a child that says more than the disk takes waits, and nothing piles up in memory.
 */
import { closeSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { endOfOutput } from '../last-lines.ts';
import type { StartFiles } from '../start-files.ts';

export interface Output {
  write(piece: Uint8Array | string): void;
  /** No more comes: the end of it stays, of which there is room for many. */
  close(): void;
}

const boundBytes = 5 * 1_048_576;
const keptBytes = 1_048_576;

export function openOutput(files: StartFiles): Output {
  const { output, earlierOutput } = files;
  let file = openSync(output, 'a', 0o600);
  let size = 0;
  let closed = false;
  const turn = (): void => {
    renameSync(output, earlierOutput);
    const next = openSync(output, 'a', 0o600);
    closeSync(file);
    file = next;
    size = 0;
  };
  return {
    write(piece) {
      // Its number may be that of another file by now.
      if (closed) return;
      const bytes = Buffer.from(piece);
      // A full disk, or a folder that is gone, ends no program: what cannot be written is lost.
      quietly(() => {
        if (size + bytes.length > boundBytes) turn();
        size += writeSync(file, bytes);
      });
    },
    close() {
      if (closed) return;
      closed = true;
      quietly(() => closeSync(file));
      quietly(() => {
        // Whoever reads meanwhile finds the end of it.
        writeFileSync(`${output}.end`, endOfOutput(files, keptBytes), { mode: 0o600 });
        renameSync(`${output}.end`, output);
        rmSync(earlierOutput, { force: true });
      });
    },
  };
}

function quietly(act: () => void): void {
  try {
    act();
  } catch {}
}
