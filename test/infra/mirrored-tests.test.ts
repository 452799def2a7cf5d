/** Tests of units and contracts lie as what they test: in src/, or under local/ and examples/. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');

const foldersOf = (kind: string) =>
  readdirSync(join(root, 'test', kind), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name).slice(join(root, 'test', kind).length + 1));

const isThere = (folder: string): boolean =>
  existsSync(join(root, /^(local|examples)\b/.test(folder) ? '' : 'src', folder));

it.each(['unit', 'contract'])('every folder of test/%s is one of what it tests', (kind) => {
  const folders = foldersOf(kind);
  expect(folders.length).toBeGreaterThan(10);
  expect(folders.filter((folder) => !isThere(folder))).toEqual([]);
});
