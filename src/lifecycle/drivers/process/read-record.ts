/** What the file of a start says; undefined where there is none, or none that can be read. */
import { readFile } from 'node:fs/promises';
import { StartRecord } from './start-record.ts';

export async function readRecord(file: string): Promise<StartRecord | undefined> {
  try {
    return StartRecord.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined;
  }
}
