/**
 * Events as CloudEvents 1.0 in structured JSON (CNCF: CloudEvents JSON format), with the `sequence` extension. Everything of
 * one follows from what is recorded, so that an event which is told again has the same id.
 */
import * as z from 'zod';
import { type EventDraft, EventType, subjectOf } from './event-catalogue.ts';

export const CloudEvent = z.object({
  specversion: z.literal('1.0'),
  id: z.string().describe('The same when it is sent again'),
  source: z.string().describe('The orchestrator and its stage'),
  type: EventType,
  subject: z.string().describe('What it happened to, such as service/gmail'),
  time: z.string().describe('When it happened, as ISO time'),
  sequence: z.string().describe('Of two events of a subject the later one has the greater text'),
  datacontenttype: z.literal('application/json'),
  data: z.record(z.string(), z.unknown()).describe('As docs/events.md says for each type'),
});
export type CloudEvent = z.infer<typeof CloudEvent>;

export interface Naming {
  readonly stage: string;
  /** SHA-256 as hexadecimal digits. */
  readonly hash: (text: string) => string;
}

export function toCloudEvent(draft: EventDraft, { stage, hash }: Naming): CloudEvent {
  const { type, time, data } = draft;
  const subject = subjectOf(draft);
  return {
    specversion: '1.0',
    // Without a full stop, which separates the parts of what is signed (Standard Webhooks 1.0.0).
    id: `evt_${hash(JSON.stringify([stage, type, subject, time])).slice(0, 32)}`,
    source: `/orchestrator/${stage}`,
    type,
    subject,
    time,
    sequence: String(Date.parse(time)).padStart(15, '0'),
    datacontenttype: 'application/json',
    data,
  };
}
