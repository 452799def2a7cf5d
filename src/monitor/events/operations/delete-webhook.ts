import * as z from 'zod';
import { OrchestratorError } from '../../../base/errors.ts';
import { defineOperation } from '../../../operation/operation.ts';
import type { EventsOperationContext } from '../context.ts';
import type { EventState } from '../store/event-outbox.ts';
import { configuredWebhooks, unknownWebhook, WebhookPlace } from '../webhook-shapes.ts';

export const deleteWebhook = defineOperation({
  id: 'delete_webhook',
  summary: 'End a subscription: nothing is sent to it any more, and what it has not taken is forgotten',
  input: z.strictObject(WebhookPlace),
  output: z.object({ webhookId: z.string() }),
  errors: ['webhook.not-found', 'webhook.configured'],
  access: 'admin',
  http: { method: 'DELETE', path: '/v1/webhooks/{webhookId}', status: 200 },
  hints: { readOnly: false, destructive: true, idempotent: false },
  async run(context: EventsOperationContext, { webhookId }, caller) {
    if (configuredWebhooks(context).some(({ id }) => id === webhookId))
      throw new OrchestratorError(
        'webhook.configured',
        `${webhookId} is not a subscription: the configuration names it`,
      );
    if (!(await context.webhooks.delete(webhookId))) throw unknownWebhook(webhookId);
    context.eventNews?.tellWebhooksChanged();
    context.log.info('webhook deleted', { webhook: webhookId, caller: caller.id });
    for (const state of ['waiting', 'given-up'] as const) await forgetAll(context, webhookId, state);
    return { webhookId };
  },
});

/** Of many more, TTL removes the rest. */
const atMost = 500;

async function forgetAll(
  { eventOutbox, clock }: EventsOperationContext,
  listener: string,
  state: EventState,
): Promise<void> {
  const { events } = await eventOutbox.page({ listener, state, nowMs: clock.now() }, { limit: atMost });
  for (const kept of events) await eventOutbox.forget(listener, state, kept);
}
