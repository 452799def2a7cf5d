/** How subscriptions and their events are shown; never with a secret. */
import * as z from 'zod';
import { OrchestratorError } from '../../base/errors.ts';
import type { EventsOperationContext } from './context.ts';
import { CloudEvent } from './model/cloud-event.ts';
import { eventBusId, monitoringId, Webhook, WebhookId } from './model/webhook.ts';
import type { KeptEvent } from './store/event-outbox.ts';

export const WebhookPlace = { webhookId: WebhookId.describe('Id of the webhook') };

export const ShownWebhook = Webhook.partial({ url: true, createdAt: true, createdBy: true }).extend({
  configured: z
    .boolean()
    .describe(
      'Whether the configuration names it (SERVICE_MONITORING_URL, the event bus): it is told of everything',
    ),
});
export type ShownWebhook = z.infer<typeof ShownWebhook>;

export const webhookToShown = (webhook: Webhook): ShownWebhook => ({ ...webhook, configured: false });

export function configuredWebhooks({ configuredEvents }: EventsOperationContext): ShownWebhook[] {
  const { monitoringUrl: url, eventBus } = configuredEvents;
  return [
    ...(url === undefined ? [] : [{ id: monitoringId, url, configured: true }]),
    ...(eventBus === undefined
      ? []
      : [{ id: eventBusId, description: `EventBridge bus ${eventBus}`, configured: true }]),
  ];
}

/** Throws `webhook.not-found`. */
export async function requireWebhook(context: EventsOperationContext, id: string): Promise<ShownWebhook> {
  const configured = configuredWebhooks(context).find((one) => one.id === id);
  if (configured) return configured;
  const webhook = await context.webhooks.get(id);
  if (webhook) return webhookToShown(webhook);
  throw unknownWebhook(id);
}

export const unknownWebhook = (id: string): OrchestratorError =>
  new OrchestratorError('webhook.not-found', `There is no webhook ${id}; list_webhooks shows them`);

export const ShownEvent = z.object({
  event: CloudEvent,
  attempts: z.number().int().describe('How often it was sent'),
  lastFailure: z.string().optional().describe('Why it was not taken the last time'),
  nextAttemptAt: z.string().optional().describe('Of one that waits: not before this ISO time'),
  givenUpAt: z.string().optional().describe('Of one that was given up: since when, as ISO time'),
  keptUntil: z.string().describe('ISO time, after which it is removed'),
});

export const eventToShown = (kept: KeptEvent): z.infer<typeof ShownEvent> => ({
  event: kept.event,
  attempts: kept.attempts,
  keptUntil: new Date(kept.expiresAtEpochSeconds * 1000).toISOString(),
  ...(kept.lastFailure !== undefined && { lastFailure: kept.lastFailure }),
  ...(kept.givenUpAt === undefined
    ? { nextAttemptAt: new Date(kept.dueAtMs).toISOString() }
    : { givenUpAt: kept.givenUpAt }),
});
