/** Turns the bytes of an RFC 822 message into an `Email`. MIME itself is left to postal-mime. */
import PostalMime, {
  type Attachment,
  type Address as ParsedAddress,
  type Email as ParsedEmail,
} from 'postal-mime';
import type { Address, Email } from './email.ts';

/** What the message cannot say itself: its id, and the time to use when it has no readable Date. */
export interface Envelope {
  readonly id: string;
  readonly receivedAt: string;
}

export async function parseEmail(raw: Uint8Array, envelope: Envelope): Promise<Email> {
  const parsed = await PostalMime.parse(raw);
  return {
    id: envelope.id,
    threadId: threadOf(parsed) ?? envelope.id,
    messageId: messageIds(parsed.messageId)[0] ?? envelope.id,
    from: flatten(parsed.from ? [parsed.from] : [])[0] ?? { name: '', address: '' },
    to: flatten(parsed.to),
    cc: flatten(parsed.cc),
    subject: parsed.subject ?? '',
    date: isoDate(parsed.date) ?? envelope.receivedAt,
    text: (parsed.text ?? htmlToText(parsed.html ?? '')).trim(),
    ...(parsed.html === undefined ? {} : { html: parsed.html }),
    attachments: parsed.attachments.map(describeAttachment),
  };
}

/** RFC 5322, 3.6.4: References lists the conversation from its first message on. */
const threadOf = ({ references, inReplyTo, messageId }: ParsedEmail): string | undefined =>
  [references, inReplyTo, messageId].flatMap(messageIds)[0];

const messageIds = (header: string | undefined): string[] =>
  [...(header ?? '').matchAll(/<([^<>\s]+)>/g)].flatMap(([, id]) => (id === undefined ? [] : [id]));

const flatten = (addresses: readonly ParsedAddress[] = []): Address[] =>
  addresses
    .flatMap((entry) => entry.group ?? [entry])
    .map(({ name, address }) => ({ name, address: address ?? '' }));

const isoDate = (date: string | undefined): string | undefined =>
  date !== undefined && !Number.isNaN(Date.parse(date)) ? new Date(date).toISOString() : undefined;

const describeAttachment = ({ filename, mimeType, content }: Attachment): Email['attachments'][number] => ({
  filename,
  mimeType,
  size: typeof content === 'string' ? Buffer.byteLength(content) : content.byteLength,
});

const entities = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['nbsp', ' '],
]);

/** Enough to read and classify a message that is HTML only; it is not a sanitiser. */
const htmlToText = (html: string): string =>
  withoutUnseen(html)
    .replace(/<(br|\/p|\/h\d|\/li|\/tr|\/div)\b[^<>]*>/gi, '\n')
    .replace(/<[^<>]+>/g, ' ')
    .replace(/&#(\d{1,6});/g, (_, code) => String.fromCodePoint(Number(code)))
    .replace(/&(\w+);/g, (whole, name) => entities.get(name) ?? whole)
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ *\n\s*/g, '\n');

/** Leaves out elements that nobody sees. One pass: a mail may have a hundred thousand of them, none of which ends. */
function withoutUnseen(html: string): string {
  const ends = new Map(['style', 'script', 'head'].map((name) => [name, new RegExp(`</${name}>`, 'gi')]));
  const begins = /<(style|script|head)\b[^<>]*>/gi;
  let seen = '';
  let at = 0;
  for (let begin = begins.exec(html); begin !== null; begin = begins.exec(html)) {
    const name = (begin[1] ?? '').toLowerCase();
    const end = ends.get(name);
    if (end === undefined) continue;
    end.lastIndex = begins.lastIndex;
    const found = end.exec(html);
    // What does not end here does not end further on.
    if (found === null) ends.delete(name);
    else {
      seen += html.slice(at, begin.index);
      at = end.lastIndex;
      begins.lastIndex = at;
    }
  }
  return seen + html.slice(at);
}
