/** Where events are delivered to: the subscriptions, the url that the environment names, and the event bus of a stage. */
import { isoNow } from '../../base/clock.ts';
import type { DeliveryTarget } from './deliver-events.ts';
import { type EventBus, mostEntries, putOnBus } from './event-bus.ts';
import type { EventNews } from './event-news.ts';
import type { CloudEvent } from './model/cloud-event.ts';
import { eventBusId, monitoringId, type Webhook } from './model/webhook.ts';
import { type Outcome, type PostContext, postEvent, type Target } from './post-event.ts';
import type { WebhookStore } from './store/webhook-store.ts';

export interface TargetsContext extends PostContext {
  readonly webhooks: Pick<WebhookStore, 'all' | 'secretOf' | 'disable'>;
  readonly monitoring?: { readonly url: string; readonly secret: () => Promise<string> } | undefined;
  readonly eventBus?: EventBus | undefined;
  /** Where all functions are one process. */
  readonly eventNews?: EventNews | undefined;
}

/** Requests to one target at the same time. */
const atOnce = 4;

export const createTargets = (context: TargetsContext) => async (): Promise<DeliveryTarget[]> => {
  const { monitoring, eventBus, webhooks } = context;
  const subscribed = await webhooks.all();
  return [
    ...(monitoring ? [monitoringTarget(context, monitoring)] : []),
    ...(eventBus ? [busTarget(eventBus)] : []),
    ...subscribed.map((webhook) => webhookTarget(context, webhook)),
  ];
};

const postAll = (context: PostContext, target: () => Promise<Target>) => (events: readonly CloudEvent[]) =>
  Promise.all(
    events.map(async (event): Promise<Outcome> => {
      const { url, secret } = await target();
      return postEvent(context, { url, secret }, event);
    }),
  );

const monitoringTarget = (
  context: TargetsContext,
  { url, secret }: NonNullable<TargetsContext['monitoring']>,
): DeliveryTarget => ({
  id: monitoringId,
  atOnce,
  send: postAll(context, async () => ({ url, secret: await secret() })),
});

const busTarget = (bus: EventBus): DeliveryTarget => ({
  id: eventBusId,
  atOnce: mostEntries,
  send: (events) => putOnBus(bus, events),
});

function webhookTarget(context: TargetsContext, { id, url, disabled }: Webhook): DeliveryTarget {
  const { webhooks, eventNews, clock } = context;
  const secretOf = async (): Promise<string> => {
    const secret = await webhooks.secretOf(id);
    if (secret === undefined) throw new Error('a webhook has no secret');
    return secret;
  };
  return {
    id,
    atOnce,
    disabled: disabled?.why,
    send: postAll(context, async () => ({ url, secret: await secretOf() })),
    async disable(why) {
      await webhooks.disable(id, { at: isoNow(clock), why });
      eventNews?.tellWebhooksChanged();
    },
  };
}
