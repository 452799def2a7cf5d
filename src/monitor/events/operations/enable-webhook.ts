import * as z from 'zod';
import { defineOperation } from '../../../operation/operation.ts';
import type { EventsOperationContext } from '../context.ts';
import { requireWebhook, ShownWebhook, WebhookPlace } from '../webhook-shapes.ts';

export const enableWebhook = defineOperation({
  id: 'enable_webhook',
  summary: 'Send events again to a webhook that was disabled because its target answered 410 Gone',
  input: z.strictObject(WebhookPlace),
  output: ShownWebhook,
  errors: ['webhook.not-found'],
  access: 'operator',
  http: { method: 'POST', path: '/v1/webhooks/{webhookId}/enable', status: 200 },
  hints: { readOnly: false, destructive: false, idempotent: true },
  async run(context: EventsOperationContext, { webhookId }) {
    const { disabled } = await requireWebhook(context, webhookId);
    if (disabled) {
      await context.webhooks.enable(webhookId);
      context.eventNews?.tellWebhooksChanged();
    }
    return requireWebhook(context, webhookId);
  },
});
