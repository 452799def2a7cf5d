/** An email as the example services pass it on: what gmail answers, and classifier and graph read. */
import * as z from 'zod';

const Address = z.object({
  name: z.string().describe('Display name, empty when the header has none'),
  address: z.string(),
});
export type Address = z.infer<typeof Address>;

const Attachment = z.object({
  filename: z.string().nullable(),
  mimeType: z.string(),
  size: z.number().int().describe('Bytes after decoding'),
});

export const Email = z.object({
  id: z.string().describe('Name of the file in the mailbox, without .eml'),
  threadId: z.string().describe('Message-ID of the first message of the conversation'),
  messageId: z.string(),
  from: Address,
  to: z.array(Address),
  cc: z.array(Address),
  subject: z.string(),
  date: z.string().describe('ISO time of the Date header'),
  text: z.string().describe('Plain text; taken from the HTML when the message has nothing else'),
  html: z.string().optional(),
  attachments: z.array(Attachment),
  unreadable: z
    .string()
    .optional()
    .describe('Why the email could not be read; then its date is that of the file, and the rest is empty'),
});
export type Email = z.infer<typeof Email>;
