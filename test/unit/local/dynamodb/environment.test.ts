import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Environment } from '../../../../local/dynamodb/storage/environment.ts';

const [one, other] = [Buffer.from('one'), Buffer.from('other')];
let path: string;
let environment: Environment;

beforeEach(async () => {
  // A folder whose name looks like that of a file.
  path = await mkdtemp(join(tmpdir(), 'orchestrator.environment-'));
  environment = new Environment({ path: join(path, 'tables.new') });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await environment.close();
  await rm(path, { recursive: true, force: true });
});

it('leaves nothing of a transaction that throws', () => {
  const failing = () =>
    environment.transact(() => {
      environment.put(one, other);
      throw new Error('no');
    });
  expect(failing).toThrow('no');
  expect(environment.get(one)).toBeUndefined();
});

it('tries a transaction again that LMDB refuses, once, and says so', () => {
  const said = vi.spyOn(console, 'error').mockReturnValue();
  let tries = 0;
  const refused = () => Object.assign(new Error('MDB_BAD_VALSIZE'), { code: -30781 });
  environment.transact(() => {
    tries += 1;
    environment.put(tries === 1 ? one : other, one);
    if (tries === 1) throw refused();
  });
  expect([environment.get(one), environment.get(other)]).toEqual([undefined, one]);
  expect(said).toHaveBeenCalledWith('The store tries a transaction again: MDB_BAD_VALSIZE');
  const always = () =>
    environment.transact(() => {
      throw refused();
    });
  expect(always).toThrow('MDB_BAD_VALSIZE');
});
