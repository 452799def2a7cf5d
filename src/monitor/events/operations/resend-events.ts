import * as z from 'zod';
import { OrchestratorError } from '../../../base/errors.ts';
import { defineOperation } from '../../../operation/operation.ts';
import type { EventsOperationContext } from '../context.ts';
import { requireWebhook, WebhookPlace } from '../webhook-shapes.ts';

const EventId = z
  .string()
  .regex(/^evt_[0-9a-f]{32}$/, 'must be the id of an event, such as evt_ and 32 of 0-9 and a-f');

const pageSize = 100;
/** Looked through in one request. */
const mostPages = 10;

export const resendEvents = defineOperation({
  id: 'resend_events',
  summary: 'Send events again that a webhook did not take and that were given up',
  input: z.strictObject({
    ...WebhookPlace,
    eventIds: z
      .array(EventId)
      .min(1)
      .max(pageSize)
      .optional()
      .describe('Those to send; when left out the oldest hundred'),
  }),
  output: z.object({
    resent: z.array(z.string()).describe('Ids of those that are sent again'),
    more: z.boolean().describe('Whether there may be others that were given up'),
  }),
  errors: ['webhook.not-found', 'webhook.disabled'],
  access: 'operator',
  http: { method: 'POST', path: '/v1/webhooks/{webhookId}/resend', status: 202 },
  hints: { readOnly: false, destructive: false, idempotent: true, openWorld: true },
  async run(context: EventsOperationContext, { webhookId, eventIds }) {
    const { disabled } = await requireWebhook(context, webhookId);
    if (disabled)
      throw new OrchestratorError(
        'webhook.disabled',
        `Nothing is sent to ${webhookId}: ${disabled.why}; enable_webhook ends that`,
      );
    const sent = await resend(context, webhookId, eventIds && new Set(eventIds));
    if (sent.resent.length > 0) context.eventNews?.tellKept();
    return sent;
  },
});

async function resend(
  { eventOutbox, clock }: EventsOperationContext,
  listener: string,
  wanted: ReadonlySet<string> | undefined,
): Promise<{ resent: string[]; more: boolean }> {
  const resent: string[] = [];
  const most = wanted?.size ?? pageSize;
  let cursor: string | undefined;
  for (let pages = 0; pages < mostPages; pages++) {
    const nowMs = clock.now();
    const page = await eventOutbox.page({ listener, state: 'given-up', nowMs }, { limit: pageSize, cursor });
    const chosen = page.events.filter(({ event }) => wanted?.has(event.id) ?? true);
    for (const kept of chosen) {
      await eventOutbox.resend(listener, kept, nowMs);
      resent.push(kept.event.id);
    }
    cursor = page.nextCursor;
    const left = cursor !== undefined || chosen.length < page.events.length;
    if (cursor === undefined || resent.length >= most) return { resent, more: left };
  }
  return { resent, more: true };
}
