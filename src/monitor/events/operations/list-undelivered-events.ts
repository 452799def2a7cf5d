import * as z from 'zod';
import { defineOperation } from '../../../operation/operation.ts';
import { Cursor, Limit, nextPage } from '../../../operation/query.ts';
import type { EventsOperationContext } from '../context.ts';
import { eventToShown, requireWebhook, ShownEvent, WebhookPlace } from '../webhook-shapes.ts';

export const listUndeliveredEvents = defineOperation({
  id: 'list_undelivered_events',
  summary: 'List the events that a webhook did not take, oldest first, and why',
  input: z.strictObject({
    ...WebhookPlace,
    state: z
      .enum(['given-up', 'waiting'])
      .default('given-up')
      .describe('given-up: sent five times and kept for 14 days; waiting: still to be sent, or sent again'),
    limit: Limit,
    cursor: Cursor,
  }),
  output: z.object({ events: z.array(ShownEvent), nextCursor: z.string().optional() }),
  errors: ['webhook.not-found'],
  access: 'operator',
  http: { method: 'GET', path: '/v1/webhooks/{webhookId}/undelivered-events', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run(context: EventsOperationContext, { webhookId, state, limit, cursor }) {
    await requireWebhook(context, webhookId);
    const nowMs = context.clock.now();
    const page = await context.eventOutbox.page({ listener: webhookId, state, nowMs }, { limit, cursor });
    return { events: page.events.map(eventToShown), ...nextPage(page.nextCursor) };
  },
});
