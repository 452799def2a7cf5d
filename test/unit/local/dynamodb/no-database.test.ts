/** A file that is no database is refused, where LMDB would end the process. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { Environment } from '../../../../local/dynamodb/storage/environment.ts';

function newFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'no-database-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

it.each([
  ['text', 'no database'.repeat(1_000)],
  ['a few bytes', 'no'],
  ['zeros', '\0'.repeat(20_000)],
])('%s in its place is refused by name', (_title, contents) => {
  const folder = newFolder();
  writeFileSync(path.join(folder, 'data.mdb'), contents);
  expect(() => new Environment({ path: folder })).toThrow('data.mdb is no database of this version');
});

it('one whose second page is not of it is refused', async () => {
  const folder = newFolder();
  const environment = new Environment({ path: folder });
  environment.transact(() => environment.put(Buffer.from('key'), Buffer.from('value')));
  await environment.close();
  const file = path.join(folder, 'data.mdb');
  const bytes = readFileSync(file);
  bytes.fill(0, bytes.readUInt32LE(48), 2 * bytes.readUInt32LE(48));
  writeFileSync(file, bytes);
  expect(() => new Environment({ path: folder })).toThrow('is no database of this version');
});

it('an empty file, and one that is not there, become a database', async () => {
  for (const isEmpty of [true, false]) {
    const folder = path.join(newFolder(), 'database');
    mkdirSync(folder);
    if (isEmpty) writeFileSync(path.join(folder, 'data.mdb'), '');
    const environment = new Environment({ path: folder });
    environment.transact(() => environment.put(Buffer.from('key'), Buffer.from('value')));
    expect(environment.get(Buffer.from('key'))?.toString()).toBe('value');
    await environment.close();
  }
});
