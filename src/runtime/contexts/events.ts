/** What tells of events, loaded with the first one; and what delivers them. */
import type { Table } from '../../aws/table.ts';
import { late } from '../../base/late.ts';
import type { Events } from '../../monitor/events/tell-events.ts';
import { sha256, systemClock } from '../clock-and-ids.ts';
import type { ChangingConfig } from '../config.ts';

type TellingConfig = Pick<ChangingConfig, 'STAGE' | 'SERVICE_MONITORING_URL' | 'EVENT_BUS' | 'EVENT_NEWS'>;

interface EventTables {
  /** Of the subscriptions. */
  readonly registry: Table;
  /** Of the events on their way. */
  readonly telemetry: Table;
}

export const lateEvents = (config: TellingConfig, { registry, telemetry }: EventTables): Events =>
  late(async () => {
    const { createEvents } = await import('../../monitor/events/tell-events.ts');
    const { createKnownListeners } = await import('../../monitor/events/listeners.ts');
    const { createWebhookStore } = await import('../../monitor/events/store/webhook-store.ts');
    const { createEventOutbox } = await import('../../monitor/events/store/event-outbox.ts');
    const shared = { clock: systemClock, eventNews: config.EVENT_NEWS };
    return createEvents({
      ...shared,
      stage: config.STAGE,
      hash: sha256,
      outbox: createEventOutbox(telemetry),
      listeners: createKnownListeners({
        ...shared,
        webhooks: createWebhookStore(registry),
        configured: {
          monitoringUrl: config.SERVICE_MONITORING_URL !== undefined,
          eventBus: config.EVENT_BUS !== undefined,
        },
      }),
    });
  });
