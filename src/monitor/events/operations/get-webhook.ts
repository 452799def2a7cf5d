import * as z from 'zod';
import { defineOperation } from '../../../operation/operation.ts';
import type { EventsOperationContext } from '../context.ts';
import { requireWebhook, ShownWebhook, WebhookPlace } from '../webhook-shapes.ts';

export const getWebhook = defineOperation({
  id: 'get_webhook',
  summary: 'Show who is told of events by a webhook, and whether it is disabled, without its secret',
  input: z.strictObject(WebhookPlace),
  output: ShownWebhook,
  errors: ['webhook.not-found'],
  access: 'operator',
  http: { method: 'GET', path: '/v1/webhooks/{webhookId}', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true },
  run: (context: EventsOperationContext, { webhookId }) => requireWebhook(context, webhookId),
});
