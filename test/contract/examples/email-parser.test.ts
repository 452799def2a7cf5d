import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parseEmail } from '../../../examples/email/email-parser.ts';

const receivedAt = '2026-11-20T00:00:00.000Z';

const parseExample = async (id: string) => {
  const file = new URL(`../../../examples/email/mailbox/${id}.eml`, import.meta.url);
  return parseEmail(await readFile(file), { id, receivedAt });
};

const parseText = (text: string) => parseEmail(Buffer.from(text), { id: 'x', receivedAt });

describe('parseEmail', () => {
  it('reads a plain message with LF line ends', async () => {
    expect(await parseExample('lunch')).toEqual({
      id: 'lunch',
      threadId: 'lunch-1@example.net',
      messageId: 'lunch-1@example.net',
      from: { name: 'Bob Baker', address: 'bob@example.net' },
      to: [{ name: 'Ann Archer', address: 'ann@example.org' }],
      cc: [],
      subject: 'Lunch on Friday?',
      date: '2026-11-03T11:05:00.000Z',
      text: 'Hi Ann,\n\nI am in town on Friday. Shall we have lunch at the little place by the\nriver? The kids say hello, and I still have your umbrella.\n\nLove to the family,\nBob',
      attachments: [],
    });
  });

  it('describes a base64 PDF of a multipart message with CRLF line ends', async () => {
    const email = await parseExample('abc123');
    expect(email.attachments).toEqual([
      { filename: 'invoice-2026-1187.pdf', mimeType: 'application/pdf', size: 613 },
    ]);
    expect(email.date).toBe('2026-11-02T08:15:00.000Z');
    expect(email.text).toContain('Amount due:  EUR 49.00');
  });

  it('decodes an RFC 2231 file name and a quoted display name with a comma', async () => {
    const email = await parseExample('order-4711');
    expect(email.attachments).toEqual([
      { filename: 'order 4711 – lines.csv', mimeType: 'text/csv', size: 76 },
    ]);
    expect(email.from.name).toBe('Office Supplies, Orders');
    expect(email.cc).toEqual([{ name: 'Accounts', address: 'accounts@example.org' }]);
  });

  it('takes the text of a message that is HTML only from the HTML, without styles and tags', async () => {
    const email = await parseExample('alert-certificate');
    expect(email.text).toBe(
      'Check failed: tls-expiry\nHost shop.example.org\nStatus warning\nFailures 3 of 3 probes\n' +
        'The monitoring probe reports that the certificate expires in 7 days.\nRenew it to prevent an outage.',
    );
    expect(email.html).toContain('<h2>Check failed: tls-expiry</h2>');
  });

  it('decodes entities of quoted-printable HTML', async () => {
    const email = await parseExample('newsletter-html');
    expect(email.text).toContain('In this week’s issue');
    expect(email.text).toContain('our readers & an interview');
  });

  it('decodes RFC 2047 headers of several charsets and a UTF-8 quoted-printable body', async () => {
    const email = await parseExample('gruesse');
    expect(email.subject).toBe('Grüße aus Köln – photos für dich');
    expect(email.from).toEqual({ name: 'Jürgen Müller', address: 'juergen@example.net' });
    expect(email.text).toContain('Zoë blew out all the candles 🎂.');
  });

  it('decodes an ISO-8859-1 body', async () => {
    expect((await parseExample('postcard')).text).toContain('à bientôt, Renée');
  });

  it('keeps both forms of an alternative', async () => {
    const email = await parseExample('newsletter-dev');
    expect(email.text).toContain('the top stories, a tutorial on streams, three\nnew releases');
    expect(email.html).toContain('<em>Dev Digest</em>');
  });

  it('shows a calendar part as an attachment without a name', async () => {
    const [calendar] = (await parseExample('planning')).attachments;
    expect(calendar).toMatchObject({ filename: null, mimeType: 'text/calendar' });
  });

  it.each(['garden-1', 'garden-2', 'garden-3'])(
    'puts %s into the thread that its first message began',
    async (id) => {
      expect((await parseExample(id)).threadId).toBe('garden-1@example.com');
    },
  );

  it('takes In-Reply-To as the thread when there are no References', async () => {
    const email = await parseText('Message-ID: <b@example.com>\nIn-Reply-To: <a@example.com>\n\nhello');
    expect(email.threadId).toBe('a@example.com');
  });

  it('flattens an address group, and an empty one names nobody', async () => {
    expect((await parseExample('spam-lottery')).to).toEqual([]);
    const email = await parseText('To: team: a@example.com, Bea <b@example.com>;\n\nhello');
    expect(email.to).toEqual([
      { name: '', address: 'a@example.com' },
      { name: 'Bea', address: 'b@example.com' },
    ]);
  });

  it.each(['', 'Date: not a date\n'])(
    'falls back to its envelope when headers are missing or unreadable',
    async (headers) => {
      const email = await parseText(`${headers}X-Other: 1\n\nhello`);
      expect(email).toMatchObject({ id: 'x', threadId: 'x', messageId: 'x', subject: '', date: receivedAt });
      expect(email.from).toEqual({ name: '', address: '' });
    },
  );
});
