/** Mail of strangers in the mailbox of both kinds of gmail: it is listed, page after page, and fails nobody else's. */
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { present, type Skipped } from '../../system/on-demand.ts';
import { pythonServicesBoundMs } from '../../system/python-services.ts';
import { type EitherServices, kinds, startEither } from './either-services.ts';

const Page = z.object({
  emails: z.array(z.looseObject({ id: z.string(), unreadable: z.string().optional() })),
  nextCursor: z.string().optional(),
});

/** Multiparts, each within the one before. */
const nested = (depth: number): string => {
  const open = (level: number): string =>
    level === depth
      ? 'Content-Type: text/plain\n\ninside\n'
      : `Content-Type: multipart/mixed; boundary=b${level}\n\n--b${level}\n${open(level + 1)}--b${level}--\n`;
  return `Subject: nested\n${open(0)}`;
};

const flat = (parts: number): string =>
  `Subject: flat\nContent-Type: multipart/mixed; boundary=b\n\n${'--b\nContent-Type: application/x-a\n\nx\n'.repeat(parts)}--b--\n`;

const day = (date: number): string => `Date: ${date} Nov 2026 10:00:00 +0000\n`;

const mails: Readonly<Record<string, string>> = {
  first: `${day(1)}Subject: first\n\nhello\n`,
  'nested-80': day(2) + nested(80),
  second: `${day(3)}Subject: second\n\nhello\n`,
  'nested-1500': nested(1500),
  'flat-2000': flat(2000),
  empty: '',
};

for (const { kind, tags } of kinds)
  describe(`the ${kind} gmail`, { tags: [...tags] }, () => {
    let folder: string;
    let found: EitherServices | Skipped;
    let services: EitherServices;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'hostile-mailbox-'));
      const mailbox = join(folder, 'mailbox');
      await mkdir(mailbox);
      for (const [id, text] of Object.entries(mails)) {
        await writeFile(join(mailbox, `${id}.eml`), text);
        await utimes(join(mailbox, `${id}.eml`), new Date(), new Date('2026-11-20T00:00:00Z'));
      }
      found = await startEither(kind, folder, mailbox);
    }, pythonServicesBoundMs);
    beforeEach((context) => {
      services = present(found, context);
    });
    afterAll(async () => {
      if (!('skipped' in found)) await found.stop();
      await rm(folder, { recursive: true });
    });

    const fetchPage = async (input: Record<string, unknown>) =>
      Page.parse((await services.clients.gmail.call('fetch_emails', input)).structured);

    it('lists a mail that cannot be read with the reason, and all others', async () => {
      const { emails, nextCursor } = await fetchPage({});
      expect(emails.map(({ id, unreadable }) => [id, unreadable])).toEqual([
        ['first', undefined],
        ['nested-80', undefined],
        ['second', undefined],
        ['empty', undefined],
        ['flat-2000', 'it has more than 1000 parts'],
        ['nested-1500', 'it has more than 100 parts that have parts'],
      ]);
      expect(nextCursor).toBeUndefined();
      expect(emails.at(-1)).toEqual({
        id: 'nested-1500',
        threadId: 'nested-1500',
        messageId: 'nested-1500',
        from: { name: '', address: '' },
        to: [],
        cc: [],
        subject: '',
        date: '2026-11-20T00:00:00.000Z',
        text: '',
        attachments: [],
        unreadable: 'it has more than 100 parts that have parts',
      });
    });

    it('answers for such a mail alone with a tool error that says why', async () => {
      expect(await services.clients.gmail.call('get_email', { id: 'nested-1500' })).toMatchObject({
        isError: true,
        text: "The email 'nested-1500' cannot be read: it has more than 100 parts that have parts",
      });
    });

    it('gives each mail on one page, also when mail arrives in between', async () => {
      const first = await fetchPage({ limit: 2 });
      expect(first.emails.map(({ id }) => id)).toEqual(['first', 'nested-80']);
      const early = join(folder, 'mailbox', 'early.eml');
      await writeFile(early, `${day(1)}Subject: early\n\nhello\n`);
      const second = await fetchPage({ limit: 3, cursor: first.nextCursor });
      await rm(early);
      expect(second.emails.map(({ id }) => id)).toEqual(['second', 'empty', 'flat-2000']);
      const last = await fetchPage({ limit: 3, cursor: second.nextCursor });
      expect(last).toMatchObject({ emails: [{ id: 'nested-1500' }] });
      expect(last.nextCursor).toBeUndefined();
    });

    it('gives a last page of its full size no cursor, and takes an empty cursor for the first page', async () => {
      expect((await fetchPage({ limit: 6, cursor: '' })).nextCursor).toBeUndefined();
      expect(await fetchPage({ since: '2026-12-01' })).toEqual({ emails: [] });
    });

    it.each([
      { cursor: 'none' },
      { cursor: 'e30' },
      { cursor: 'WzEsMl0' },
      { cursor: '%%%' },
      { limit: 0 },
      { limit: 501 },
      { limit: 1.5 },
    ])('refuses %j', async (input) => {
      expect((await services.clients.gmail.call('fetch_emails', input)).isError).toBe(true);
    });
  });
