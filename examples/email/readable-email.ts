/**
 * Mail comes from strangers: what is too large, or nested too deep, is not parsed, and what cannot be parsed is no fault of
 * the mailbox. Such an email stands in lists with the reason, and nothing else that it says.
 */
import type { Email } from './email.ts';
import { type Envelope, parseEmail } from './email-parser.ts';

/** Bytes; larger ones are not delivered by most servers. */
const largest = 25 << 20;
/** Multiparts and messages within, which is how deep parts can be nested. */
const mostNested = 100;
const mostParts = 1000;

export async function readableEmail(raw: Uint8Array, envelope: Envelope): Promise<Email> {
  const why = raw.byteLength > largest ? 'it is larger than 25 MB' : nestingFault(raw);
  if (why !== undefined) return unreadable(envelope, why);
  try {
    const email = await parseEmail(raw, envelope);
    return email.attachments.length > mostParts
      ? unreadable(envelope, `it has more than ${mostParts} parts`)
      : email;
  } catch {
    return unreadable(envelope, 'it cannot be parsed');
  }
}

function nestingFault(raw: Uint8Array): string | undefined {
  const nested = Buffer.from(raw)
    .toString('latin1')
    .match(/^content-type:\s*(?:multipart|message)\//gim);
  return (nested?.length ?? 0) > mostNested
    ? `it has more than ${mostNested} parts that have parts`
    : undefined;
}

const unreadable = ({ id, receivedAt }: Envelope, why: string): Email => ({
  id,
  threadId: id,
  messageId: id,
  from: { name: '', address: '' },
  to: [],
  cc: [],
  subject: '',
  date: receivedAt,
  text: '',
  attachments: [],
  unreadable: why,
});
