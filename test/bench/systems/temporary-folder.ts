/** A folder that goes when it is no longer needed, or with the driver. */
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endedWithDriver } from './program.ts';

const everything = { recursive: true, force: true, maxRetries: 5 };

export interface TemporaryFolder {
  readonly path: string;
  remove(): Promise<void>;
}

export async function temporaryFolder(name: string): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), `bench-${name}-`));
  const left = removedWithDriver(path);
  return {
    path,
    async remove() {
      left.release();
      await rm(path, everything);
    },
  };
}

export const removedWithDriver = (path: string): { release(): void } =>
  endedWithDriver(() => {
    try {
      rmSync(path, everything);
    } catch {
      // Somebody still writes there; the system clears its temporary files.
    }
  });
