/**
 * Who is told of events: the subscriptions, the url that the environment names, and the event bus of a stage. They are kept for
 * ten seconds, so that what happens seldom costs no read each time: a new subscription may miss what happens in those.
 */
import type { Clock } from '../../base/clock.ts';
import type { EventNews } from './event-news.ts';
import { eventBusId, type Listener, listenerOf, monitoringId } from './model/webhook.ts';
import type { WebhookStore } from './store/webhook-store.ts';

export interface ListenersContext {
  readonly webhooks: Pick<WebhookStore, 'all'>;
  /** What the configuration names, which is told of everything. */
  readonly configured: { readonly monitoringUrl: boolean; readonly eventBus: boolean };
  /** Where all functions are one process. */
  readonly eventNews?: EventNews | undefined;
  readonly clock: Clock;
}

const keptMs = 10_000;

/** Of what the configuration names nobody knows since when: what is found later than this is told to nobody. */
const foundWithinMs = 24 * 3_600_000;

export type KnownListeners = () => Promise<readonly Listener[]>;

export function createKnownListeners(context: ListenersContext): KnownListeners {
  const { webhooks, eventNews, clock } = context;
  let kept:
    | { readonly atMs: number; readonly version: number; readonly all: Promise<Listener[]> }
    | undefined;
  const read = async (): Promise<Listener[]> => (await webhooks.all()).map(listenerOf);
  return async () => {
    const nowMs = clock.now();
    const version = eventNews?.webhooksVersion() ?? 0;
    if (kept === undefined || kept.version !== version || nowMs - kept.atMs >= keptMs) {
      kept = { atMs: nowMs, version, all: read() };
      kept.all.catch(() => {
        kept = undefined;
      });
    }
    return [...configuredListeners(context), ...(await kept.all)];
  };
}

function configuredListeners({ configured, clock }: ListenersContext): Listener[] {
  const since = new Date(clock.now() - foundWithinMs).toISOString();
  return [
    ...(configured.monitoringUrl ? [{ id: monitoringId, since }] : []),
    ...(configured.eventBus ? [{ id: eventBusId, since }] : []),
  ];
}
