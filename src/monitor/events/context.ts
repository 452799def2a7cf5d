/** What the operations of webhooks work with. */
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { RefusedUrl } from '../../transport/refused-url.ts';
import type { EventNews } from './event-news.ts';
import type { EventOutbox } from './store/event-outbox.ts';
import type { WebhookStore } from './store/webhook-store.ts';

export interface EventsOperationContext {
  readonly webhooks: WebhookStore;
  readonly eventOutbox: EventOutbox;
  /** What the configuration names beside the subscriptions. */
  readonly configuredEvents: {
    readonly monitoringUrl?: string | undefined;
    readonly eventBus?: string | undefined;
  };
  /** Where all functions are one process. */
  readonly eventNews?: EventNews | undefined;
  readonly refusedUrl: RefusedUrl;
  /** A new one, as Standard Webhooks writes them. */
  readonly newWebhookSecret: () => Promise<string>;
  readonly newId: () => string;
  readonly clock: Clock;
  readonly log: Log;
}
