import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { accessKeyOf } from '../../../local/access-key.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'orchestrator-key-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

it('is another one for each data folder', () => {
  const [one, other] = [accessKeyOf(join(folder, 'none')), accessKeyOf(join(folder, 'none'))];
  expect(one.accessKeyId).not.toBe(other.accessKeyId);
  expect(one.secretAccessKey).not.toBe(other.secretAccessKey);
});

it('stays the same at each start on a folder', () => {
  const file = join(folder, 'endpoints.json');
  const first = accessKeyOf(file);
  writeFileSync(file, JSON.stringify({ api: 'http://127.0.0.1:1', ...first }));
  expect(accessKeyOf(file)).toEqual(first);
});

it.each(['{', '{}', '{"accessKeyId":"local","secretAccessKey":"local"}', '{"accessKeyId":1}'])(
  'is new where %s is kept',
  (text) => {
    const file = join(folder, 'other.json');
    writeFileSync(file, text);
    expect(accessKeyOf(file).secretAccessKey).toMatch(/^[\w-]{43}$/);
  },
);
