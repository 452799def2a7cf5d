/**
 * Keeps an event for each listener that wants to know of it, until it is delivered. Whoever tells of something has recorded
 * it before, under a mark that goes when this has returned: so a crash between the two is told again, under the same id.
 */
import type { Clock } from '../../base/clock.ts';
import type { EventNews } from './event-news.ts';
import type { KnownListeners } from './listeners.ts';
import { type Naming, toCloudEvent } from './model/cloud-event.ts';
import { type About, aboutOf, type EventDraft, type EventType } from './model/event-catalogue.ts';
import { listensTo } from './model/webhook.ts';
import type { EventOutbox } from './store/event-outbox.ts';

export interface Events {
  /** Whether anybody wants to know, of whatever it is about when left out: otherwise nothing is marked or written. */
  wanted(type: EventType, about?: About): Promise<boolean>;
  /**
   * Returns when it is kept for whoever wants to know, of which there may be none; false when there is no listener at all.
   * Throws what DynamoDB throws; telling again does no harm.
   */
  tell(drafts: readonly EventDraft[]): Promise<boolean>;
}

export interface EventsContext extends Naming {
  readonly listeners: KnownListeners;
  readonly outbox: Pick<EventOutbox, 'add'>;
  readonly eventNews?: EventNews | undefined;
  readonly clock: Clock;
}

export function createEvents(context: EventsContext): Events {
  const { listeners, outbox, eventNews, clock } = context;
  const keep = async (draft: EventDraft): Promise<number> => {
    const about = aboutOf(draft);
    const all = (await listeners()).filter(
      (one) => listensTo(one, draft.type, about) && draft.time >= one.since,
    );
    const event = toCloudEvent(draft, context);
    await Promise.all(all.map(({ id }) => outbox.add(id, event, clock.now())));
    return all.length;
  };
  return {
    wanted: async (type, about) => (await listeners()).some((one) => listensTo(one, type, about)),
    async tell(drafts) {
      if ((await listeners()).length === 0) return false;
      let kept = 0;
      // One after the other: of one subject the later event is never there without the earlier one.
      for (const draft of drafts) kept += await keep(draft);
      if (kept > 0) eventNews?.tellKept();
      return true;
    },
  };
}
