import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startFiles, startKey } from '../../../../../src/lifecycle/drivers/process/start-files.ts';
import type { StartRecord } from '../../../../../src/lifecycle/drivers/process/start-record.ts';
import { tidy } from '../../../../../src/lifecycle/drivers/process/tidy.ts';

const day = 86_400_000;
let instances: string;
beforeEach(() => {
  instances = mkdtempSync(join(tmpdir(), 'tidy-'));
});
afterEach(() => rmSync(instances, { recursive: true }));

function start(token: string, atMs: number | undefined): StartRecord {
  mkdirSync(startFiles(instances, startKey(token)).folder);
  const ended = atMs === undefined ? undefined : { atMs, how: 'with code 0', lastLines: [] };
  return { token, service: 's', id: 'i', socket: join(instances, 'none'), runner: { pid: 1 }, ended };
}

const isThere = (token: string): boolean => existsSync(startFiles(instances, startKey(token)).folder);

it('what ended more than a week ago goes, what runs or ended since stays', () => {
  const records = [start('runs', undefined), start('old', 2 * day), start('new', 3 * day + 1)];
  expect(tidy(instances, records, 10 * day)).toEqual(new Set(['old']));
  expect(['runs', 'old', 'new'].map(isThere)).toEqual([true, false, true]);
});

it('of what has ended the newest fifty stay', () => {
  const records = Array.from({ length: 52 }, (_, n) => start(`t${n}`, n));
  expect(tidy(instances, records, 100)).toEqual(new Set(['t0', 't1']));
  expect(['t0', 't1', 't2', 't51'].map(isThere)).toEqual([false, false, true, true]);
});
