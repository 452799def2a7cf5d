/** Of starts that have ended the newest are kept for a week; what goes takes its output along. */
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startFiles, startKey } from './start-files.ts';
import type { StartRecord } from './start-record.ts';

const most = 50;
const keptMs = 7 * 24 * 3_600_000;

/** Gives the tokens of those that went. */
export function tidy(instances: string, records: readonly StartRecord[], nowMs: number): ReadonlySet<string> {
  const endedAt = ({ ended }: StartRecord): number => ended?.atMs ?? 0;
  const ended = records.filter((record) => record.ended).sort((a, b) => endedAt(b) - endedAt(a));
  const leaving = ended.filter((record, index) => index >= most || endedAt(record) < nowMs - keptMs);
  for (const record of leaving) remove(instances, record);
  return new Set(leaving.map(({ token }) => token));
}

/** In one step it is gone for everybody. */
function remove(instances: string, { token, socket }: StartRecord): void {
  const { folder } = startFiles(instances, startKey(token));
  const aside = join(instances, `gone-${startKey(token)}-${process.pid}`);
  try {
    renameSync(folder, aside);
  } catch {
    return;
  }
  rmSync(aside, { recursive: true, force: true });
  if (process.platform !== 'win32') rmSync(socket, { force: true });
}
