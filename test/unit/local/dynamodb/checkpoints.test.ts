import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { open, type RootDatabase } from 'lmdb';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Checkpoints } from '../../../../local/dynamodb/storage/checkpoints.ts';

let path: string;
let database: RootDatabase<Buffer, Buffer>;
let checkpoints: Checkpoints;
let synced: (() => void)[];

beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'orchestrator-checkpoints-'));
  database = open<Buffer, Buffer>({ path, noSync: true, overlappingSync: false });
  synced = [];
  Reflect.set(database, 'sync', (done: () => void) => synced.push(done));
  checkpoints = new Checkpoints(database, join(path, 'data.mdb'));
});
afterEach(async () => {
  Reflect.deleteProperty(database, 'sync');
  await checkpoints.takeLast();
  await database.close();
  await rm(path, { recursive: true, force: true });
});

it('lets writers wait for the disk only when it is slow', async () => {
  expect(checkpoints.late(0)).toBeUndefined();
  const taken = checkpoints.take();
  expect(checkpoints.late(30)).toBeUndefined();
  await setTimeout(40);
  let waits = true;
  const late = checkpoints.late(30)?.then(() => {
    waits = false;
  });
  await setTimeout(5);
  expect(waits).toBe(true);
  for (const done of synced.splice(0)) done();
  await late;
  await taken;
  expect(checkpoints.late(0)).toBeUndefined();
});

it('takes another one for all who ask while one is under way, which may not have what they wrote', async () => {
  const first = checkpoints.take();
  const [second, third] = [checkpoints.take(), checkpoints.take()];
  expect(second).toBe(third);
  synced.shift()?.();
  await first;
  await expect.poll(() => synced.length).toBe(1);
  synced.shift()?.();
  await second;
  expect(synced).toEqual([]);
});
