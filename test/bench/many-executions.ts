/** What many ended executions leave: memory while it runs, the file of the store, and how long the next start takes. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { secondsEach } from './settings.ts';
import { startToHealthy } from './start-to-healthy.ts';
import { waitFor } from './systems/asking.ts';
import { startOurs } from './systems/ours.ts';
import { memoryOf } from './systems/process-tree.ts';
import { printTable } from './table.ts';

/** What the aims are for; a short run has fewer. */
export const manyExecutions = 20_000;
const count = Math.min(manyExecutions, Math.ceil(secondsEach * 4000));
const clients = 16;
const starts = secondsEach < 1 ? 1 : 5;
/** Until collectors and timers have done what they do when nothing is asked. */
const settleMs = 2000;

export interface Many {
  readonly count: number;
  /** Bytes, before the first execution and after the last. */
  readonly memoryAtStart: number;
  readonly memory: number;
  /** Bytes of all files of its data folder, as they lie on the disk. */
  readonly files: number;
  /** Milliseconds from `npm start` to healthy. */
  readonly emptyStart: number;
  readonly filledStart: number;
}

export async function measureMany(peerPort: number): Promise<Many> {
  const system = await startOurs({ peerPort });
  try {
    const memoryAtStart = memoryOf(system.processes);
    let next = 0;
    const client = async (): Promise<void> => {
      while (next++ < count) {
        await waitFor(system, 0);
        if (next % 2000 === 0) console.log(`  ${next} of ${count} executions`);
      }
    };
    await Promise.all(Array.from({ length: clients }, client));
    await sleep(settleMs);
    const memory = memoryOf(system.processes);
    await system.end();
    const files = await bytesIn(system.dataDir);
    const { manifest, dataDir } = system;
    // Not counted: after it the caches of the file system and of tsx are warm.
    await startToHealthy(1, { manifest });
    const emptyStart = await startToHealthy(starts, { manifest });
    const filledStart = await startToHealthy(starts, { manifest, dataDir });
    return { count, memoryAtStart, memory, files, emptyStart, filledStart };
  } finally {
    await system.stop();
  }
}

async function bytesIn(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    bytes += (await stat(join(entry.parentPath, entry.name))).blocks * 512;
  }
  return bytes;
}

export function printMany(many: Many): void {
  printTable(
    `3. After ${many.count} executions`,
    ['', ''],
    [
      ['memory before them, MB', many.memoryAtStart / 1e6],
      ['memory after them, MB', many.memory / 1e6],
      ['data folder, MB', many.files / 1e6],
      ['npm start to healthy, empty, ms', many.emptyStart],
      ['npm start to healthy, with them, ms', many.filledStart],
    ],
  );
}
