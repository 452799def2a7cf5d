import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { prepareDataFolder } from '../../../local/private-files.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'orchestrator-private-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const modeOf = (...names: string[]): string => (statSync(join(folder, ...names)).mode & 0o7777).toString(8);

it('makes a folder for its owner alone, and those above it', () => {
  prepareDataFolder(join(folder, 'a', 'b'));
  expect([modeOf('a'), modeOf('a', 'b')]).toEqual(['700', '700']);
});

it('tightens what an earlier release left open, and leaves what is not its own', () => {
  mkdirSync(join(folder, 'dynamodb'));
  for (const name of ['graph.json', 'step-functions.journal.new', 'theirs.txt', 'dynamodb/LOG']) {
    writeFileSync(join(folder, name), '');
    chmodSync(join(folder, name), 0o644);
  }
  for (const name of ['.', 'dynamodb']) chmodSync(join(folder, name), 0o755);
  symlinkSync(join(folder, 'theirs.txt'), join(folder, 'endpoints.json'));
  prepareDataFolder(folder);
  expect([modeOf('.'), modeOf('dynamodb')]).toEqual(['700', '700']);
  expect(['graph.json', 'step-functions.journal.new', 'dynamodb/LOG'].map((name) => modeOf(name))).toEqual([
    '600',
    '600',
    '600',
  ]);
  expect(modeOf('theirs.txt')).toBe('644');
});

it('leaves a folder of many people as it is', () => {
  chmodSync(folder, 0o1777);
  prepareDataFolder(folder);
  expect(modeOf('.')).toBe('1777');
});

it.each(['/proc/x', '/proc/x/y/z', '/dev/null/x'])('refuses %s at once', (path) => {
  expect(() => prepareDataFolder(path)).toThrow(
    new RegExp(
      `^the data folder ${path} cannot be written \\(E.*\\); name another one with ORCHESTRATOR_DATA_DIR$`,
    ),
  );
});
