import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openMailbox } from '../../../examples/email/mailbox.ts';

const exampleFolder = fileURLToPath(new URL('../../../examples/email/mailbox', import.meta.url));

describe('the example mailbox', () => {
  it('lists every email once, oldest first', async () => {
    const emails = await openMailbox(exampleFolder).list();
    expect(emails.map(({ id }) => id)).toEqual([
      'abc123',
      'lunch',
      'order-4711',
      'newsletter-html',
      'gruesse',
      'garden-1',
      'garden-2',
      'garden-3',
      'planning',
      'spam-lottery',
      'alert-disk',
      'alert-certificate',
      'spam-miracle',
      'newsletter-dev',
      'postcard',
    ]);
  });

  it('holds small files, so that a whole inbox travels by value through a workflow', async () => {
    const files = await readdir(exampleFolder);
    const sizes = await Promise.all(files.map(async (name) => (await stat(join(exampleFolder, name))).size));
    expect(Math.max(...sizes)).toBeLessThan(4096);
    expect(JSON.stringify(await openMailbox(exampleFolder).list()).length).toBeLessThan(32_000);
  });
});

describe('a mailbox', () => {
  let parent: string;
  let folder: string;
  const write = (id: string, subject: string, date = 'Mon, 02 Nov 2026 10:00:00 +0100') =>
    writeFile(join(folder, `${id}.eml`), `Date: ${date}\nSubject: ${subject}\n\nhello\n`);

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'mailbox-'));
    folder = join(parent, 'inbox');
    await mkdir(folder);
  });
  afterEach(() => rm(parent, { recursive: true }));

  it('leaves out what is older than a date or a time, and keeps what is as old', async () => {
    await write('a', 'first', 'Sun, 01 Nov 2026 23:30:00 +0000');
    await write('b', 'second', 'Mon, 02 Nov 2026 00:00:00 +0000');
    const mailbox = openMailbox(folder);
    const idsSince = async (since: string) => (await mailbox.list(since)).map(({ id }) => id);
    expect(await idsSince('2026-11-02')).toEqual(['b']);
    expect(await idsSince('2026-11-02T00:30:00+01:00')).toEqual(['a', 'b']);
    expect(await idsSince('2026-11-03')).toEqual([]);
  });

  it('finds mail that arrives after it was opened', async () => {
    const mailbox = openMailbox(folder);
    expect(await mailbox.get('late')).toBeUndefined();
    await write('late', 'Here now');
    expect((await mailbox.get('late'))?.subject).toBe('Here now');
  });

  it('reads a file again when it changed', async () => {
    await write('a', 'before');
    const mailbox = openMailbox(folder);
    expect((await mailbox.get('a'))?.subject).toBe('before');
    await write('a', 'after');
    await utimes(join(folder, 'a.eml'), new Date(), new Date('2030-01-01T00:00:00Z'));
    expect((await mailbox.get('a'))?.subject).toBe('after');
  });

  it.each(['../secret', 'sub/a', '..', '', 'a\0', 'x'.repeat(200)])(
    'has no email %j outside its folder',
    async (id) => {
      await writeFile(join(parent, 'secret.eml'), 'Subject: secret\n\n');
      expect(await openMailbox(folder).get(id)).toBeUndefined();
    },
  );
});
