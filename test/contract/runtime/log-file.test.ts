/** A log file that is turned. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openLogFile } from '../../../src/runtime/log-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'log-file-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const inFile = (name: string) => readFile(join(folder, name), 'utf8');

it('is turned before it becomes too large, and the oldest file goes', async () => {
  const log = openLogFile(join(folder, 'log'), { maxBytes: 10, maxFiles: 3 });
  for (const line of ['first', 'second', 'third', 'fourth', 'x']) log.write(line);
  log.close();
  expect((await readdir(folder)).sort()).toEqual(['log', 'log.1', 'log.2']);
  expect([await inFile('log'), await inFile('log.1'), await inFile('log.2')]).toEqual([
    'fourth\nx\n',
    'third\n',
    'second\n',
  ]);
});

it('goes on with the file that is there', async () => {
  for (const line of ['one', 'two']) {
    const log = openLogFile(join(folder, 'log'), { maxBytes: 7, maxFiles: 2 });
    log.write(line);
    log.close();
  }
  expect([await inFile('log'), await inFile('log.1')]).toEqual(['two\n', 'one\n']);
});

it('is emptied where one file is all', async () => {
  const log = openLogFile(join(folder, 'log'), { maxBytes: 5, maxFiles: 1 });
  for (const line of ['one', 'two']) log.write(line);
  log.close();
  expect(await readdir(folder)).toEqual(['log']);
  expect(await inFile('log')).toBe('two\n');
});

it('never turns what is no file', () => {
  const log = openLogFile('/dev/null', { maxBytes: 1, maxFiles: 2 });
  for (const line of ['one', 'two']) log.write(line);
  log.close();
});
