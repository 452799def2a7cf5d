/** When the admin key is read again, by an injected clock: how long a function believes what it read. */
import { createHash } from 'node:crypto';
import { beforeEach, expect, it } from 'vitest';
import { createAdminKey } from '../../../src/access/authenticate.ts';

let now: number;
let secret: string;
let reads: number;
let isKey: (text: string) => Promise<boolean>;

beforeEach(() => {
  now = 1_000_000;
  secret = 'old';
  reads = 0;
  isKey = createAdminKey({
    read: async () => {
      reads += 1;
      return secret;
    },
    hash: (text) => createHash('sha256').update(text).digest('hex'),
    clock: { now: () => now },
  });
});

it('reads the secret once for many callers that bring the key', async () => {
  for (let n = 0; n < 20; n++) expect(await isKey('old')).toBe(true);
  expect(reads).toBe(1);
});

it('knows a rotated key at once, and the old one no more', async () => {
  await isKey('old');
  secret = 'new';
  now += 31_000;
  expect(await isKey('new')).toBe(true);
  expect(await isKey('old')).toBe(false);
});

it('lets the old key die after five minutes when nobody brings the new one', async () => {
  await isKey('old');
  secret = 'new';
  now += 299_000;
  expect(await isKey('old')).toBe(true);
  now += 2_000;
  expect(await isKey('old')).toBe(false);
});

it('reads no more often than every 30 seconds, however many wrong keys come', async () => {
  await isKey('old');
  for (let n = 0; n < 300; n++) {
    now += 100;
    expect(await isKey('wrong')).toBe(false);
  }
  expect(reads).toBe(1);
  now += 1_000;
  await isKey('wrong');
  expect(reads).toBe(2);
});

it('goes on with the key that it knows while the secret cannot be read, for those who bring it', async () => {
  const failing = createAdminKey({
    read: async () => {
      reads += 1;
      if (reads > 1) throw new Error('The secret could not be read');
      return secret;
    },
    hash: (text) => text,
    clock: { now: () => now },
  });
  await failing('old');
  now += 31_000;
  await expect(failing('wrong')).rejects.toThrow('could not be read');
  expect(await failing('old')).toBe(true);
});
