/** Where what is known of one start is kept: a folder of its own, named by its token, with its record and its output. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';

export interface StartFiles {
  readonly folder: string;
  readonly record: string;
  /** What it said last; what it said before that is in `earlierOutput`. */
  readonly output: string;
  readonly earlierOutput: string;
}

export const startKey = (token: string): string =>
  createHash('sha256').update(token).digest('hex').slice(0, 20);

export const isStartKey = (name: string): boolean => /^[0-9a-f]{20}$/.test(name);

/** `instances` is the folder of all starts. */
export function startFiles(instances: string, key: string): StartFiles {
  const folder = join(instances, key);
  return {
    folder,
    record: join(folder, 'record.json'),
    output: join(folder, 'output.log'),
    earlierOutput: join(folder, 'output.1.log'),
  };
}
