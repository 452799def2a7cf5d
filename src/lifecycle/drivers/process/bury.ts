/** A runner that was killed can tell nothing any more, and its child goes on with nobody to hear it: that one is ended. */
import { isRunning } from '../../../base/process-identity.ts';
import { lastLines } from './last-lines.ts';
import { signalGroup } from './process-group.ts';
import type { StartFiles } from './start-files.ts';
import type { StartRecord } from './start-record.ts';
import { tryWriting } from './write-record.ts';

const mostLastLines = 20;

/** The record of the end. A process that may be another one, as nobody tells when it began, is left alone. */
export function bury(files: StartFiles, record: StartRecord, nowMs: number): StartRecord {
  const { child } = record;
  if (child?.began !== undefined && isRunning(child)) signalGroup(child.pid, 'SIGKILL');
  const how = 'with its runner, which was killed';
  const ended = { atMs: nowMs, how, lastLines: lastLines(files, mostLastLines) };
  const buried = { ...record, ended };
  tryWriting(files, buried);
  return buried;
}
