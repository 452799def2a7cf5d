import * as z from 'zod';
import { defineOperation } from '../../../operation/operation.ts';
import type { EventsOperationContext } from '../context.ts';
import { configuredWebhooks, ShownWebhook, webhookToShown } from '../webhook-shapes.ts';

export const listWebhooks = defineOperation({
  id: 'list_webhooks',
  summary: 'List who is told of events, and of which, without their secrets',
  input: z.strictObject({}),
  output: z.object({ webhooks: z.array(ShownWebhook) }),
  errors: [],
  access: 'operator',
  http: { method: 'GET', path: '/v1/webhooks', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run(context: EventsOperationContext) {
    const subscribed = await context.webhooks.all({ consistent: true });
    return { webhooks: [...configuredWebhooks(context), ...subscribed.map(webhookToShown)] };
  },
});
