/** How events are delivered: in which order, how often, and what becomes of those that nobody takes. */
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createDelivery } from '../../../../src/monitor/events/deliver-events.ts';
import { createKnownListeners } from '../../../../src/monitor/events/listeners.ts';
import type { EventDraft } from '../../../../src/monitor/events/model/event-catalogue.ts';
import { createEventOutbox, type EventOutbox } from '../../../../src/monitor/events/store/event-outbox.ts';
import { createWebhookStore, type WebhookStore } from '../../../../src/monitor/events/store/webhook-store.ts';
import { createTargets } from '../../../../src/monitor/events/targets.ts';
import { createEvents } from '../../../../src/monitor/events/tell-events.ts';
import { newId, sha256 } from '../../../../src/runtime/clock-and-ids.ts';
import { createEgress } from '../../../../src/transport/egress.ts';
import { databases } from '../../../system/databases.ts';
import { type Answering, startEventReceiver } from '../../../system/event-receiver.ts';
import { type StoreTables, withTables } from '../../../system/store-tables.ts';

const secret = `whsec_${Buffer.from('0123456789abcdef01234567').toString('base64')}`;
const startMs = Date.parse('2026-11-28T10:00:00.000Z');
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const minuteMs = 60_000;

/** The n-th number of instances of a service. */
const scaled = (service: string, n: number): EventDraft => ({
  type: 'service.scaled',
  time: new Date(startMs + n).toISOString(),
  data: { service, from: n, to: n + 1, by: 'policy' },
});

for (const { database, start, tags } of databases)
  describe(`on ${database}`, { tags: [...tags] }, () => {
    let tables: StoreTables;
    let webhooks: WebhookStore;
    let outbox: EventOutbox;
    let clock: { ms: number; now: () => number };

    withTables(start, (made) => {
      tables = made;
    });

    beforeEach(async () => {
      webhooks = createWebhookStore(tables.registry);
      outbox = createEventOutbox(tables.telemetry);
      const own = { ms: startMs, now: () => own.ms };
      clock = own;
      for (const { id } of await webhooks.all({ consistent: true })) await webhooks.delete(id);
    });

    const subscribed = async (url: string): Promise<string> => {
      const id = newId();
      const since = new Date(startMs - 1).toISOString();
      await webhooks.create({ id, url, createdAt: since, createdBy: 'test' }, secret);
      return id;
    };

    /** A deliverer, and what tells it; `shared`: it is one of several. */
    function delivering({ shared = false } = {}) {
      const measured: unknown[] = [];
      const egress = createEgress({ policy: { allowedNetworks: ['127.0.0.0/8'] } });
      onTestFinished(() => egress.close());
      const targets = createTargets({ webhooks, egress, clock });
      const deliver = createDelivery({
        targets,
        outbox,
        shared,
        budgetMs: 30_000,
        clock,
        random: () => 0,
        newId,
        log: silent,
        metrics: { add: (metric, value) => measured.push([metric, value]) },
      });
      const listeners = createKnownListeners({
        webhooks,
        configured: { monitoringUrl: false, eventBus: false },
        clock,
      });
      const events = createEvents({ listeners, outbox, clock, stage: 'dev', hash: sha256 });
      return { deliver: () => deliver([]), tell: events.tell, measured };
    }

    const receiving = async (answering?: Answering) => {
      const receiver = await startEventReceiver(answering);
      onTestFinished(receiver.close);
      return receiver;
    };

    const undelivered = async (listener: string, state: 'waiting' | 'given-up') =>
      (await outbox.page({ listener, state, nowMs: clock.now() }, { limit: 100 })).events;

    /** Delivers again and again, as time goes on. */
    const throughTime = async (deliver: () => Promise<void>, minutes: number): Promise<void> => {
      for (let minute = 0; minute <= minutes; minute++) {
        await deliver();
        clock.ms += minuteMs;
      }
    };

    it('each event is taken once, where its target answers 2xx, and nothing is kept of it', async () => {
      const receiver = await receiving();
      const id = await subscribed(receiver.url);
      const { deliver, tell } = delivering();
      await tell([scaled('mail', 1), scaled('mail', 2), scaled('graph', 3)]);
      await deliver();
      await deliver();
      expect(receiver.taken().map(({ data }) => data['from'])).toEqual(expect.arrayContaining([1, 2, 3]));
      expect(receiver.taken()).toHaveLength(3);
      expect(await undelivered(id, 'waiting')).toEqual([]);
      expect(await undelivered(id, 'given-up')).toEqual([]);
    });

    it('what is told twice is kept once, under the same id', async () => {
      const receiver = await receiving();
      const id = await subscribed(receiver.url);
      const { tell } = delivering();
      await tell([scaled('mail', 1)]);
      await tell([scaled('mail', 1)]);
      expect(await undelivered(id, 'waiting')).toHaveLength(1);
    });

    it('events of a subject come in their order from a target that fails now and then, and each of them comes', async () => {
      const failures = new Map<string, number>();
      const receiver = await receiving(({ id, data }) => {
        const before = failures.get(id) ?? 0;
        failures.set(id, before + 1);
        return { status: before < Number(data['from']) % 4 ? 500 : 204 };
      });
      const id = await subscribed(receiver.url);
      const { deliver, tell } = delivering();
      const numbers = Array.from({ length: 12 }, (_, index) => index);
      await tell(numbers.flatMap((n) => [scaled('mail', n), scaled('graph', n)]));
      while ((await undelivered(id, 'waiting')).length > 0) {
        await deliver();
        clock.ms += 5 * minuteMs;
      }
      expect(receiver.requests).toHaveLength(60);
      for (const subject of ['service/mail', 'service/graph'])
        expect(
          receiver
            .taken()
            .filter((event) => event.subject === subject)
            .map(({ data }) => data['from']),
        ).toEqual(numbers);
    });

    it('a request that is repeated has the same id and body, and a signature of its own time', async () => {
      let failing = true;
      const receiver = await receiving(() => ({ status: failing ? 500 : 200 }));
      await subscribed(receiver.url);
      const { deliver, tell } = delivering();
      await tell([scaled('mail', 1)]);
      await deliver();
      failing = false;
      clock.ms += minuteMs;
      await deliver();
      const [first, second] = receiver.requests;
      expect(second?.text).toBe(first?.text);
      expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
      expect(Number(second?.headers['webhook-timestamp']) - Number(first?.headers['webhook-timestamp'])).toBe(
        60,
      );
    });

    it('is sent five times within about an hour, then given up, and the next one of its subject is sent', async () => {
      const receiver = await receiving(({ data }) => ({ status: data['from'] === 1 ? 500 : 200 }));
      const id = await subscribed(receiver.url);
      const { deliver, tell, measured } = delivering();
      await tell([scaled('mail', 1), scaled('mail', 2)]);
      const attemptsAt: number[] = [];
      for (let second = 0; second < 3_700; second += 10) {
        const before = receiver.requests.length;
        await deliver();
        if (receiver.requests.length > before) attemptsAt.push(second);
        clock.ms += 10_000;
      }
      expect(attemptsAt).toEqual([0, 10, 70, 670, 3_670]);
      expect(receiver.requests.map(({ event }) => event.data['from'])).toEqual([1, 1, 1, 1, 1, 2]);
      expect(await undelivered(id, 'waiting')).toEqual([]);
      expect(await undelivered(id, 'given-up')).toMatchObject([
        { attempts: 5, lastFailure: 'answered 500', event: { data: { from: 1 } } },
      ]);
      expect(measured).toEqual([['UndeliveredEvents', 1]]);
    });

    it('what was given up is kept for 14 days, and sent again when somebody asks', async () => {
      let failing = true;
      const receiver = await receiving(() => ({ status: failing ? 500 : 200 }));
      const id = await subscribed(receiver.url);
      const { deliver, tell } = delivering();
      await tell([scaled('mail', 1)]);
      await throughTime(deliver, 120);
      clock.ms += 13 * 24 * 60 * minuteMs;
      const [kept] = await undelivered(id, 'given-up');
      if (!kept) throw new Error('it is not kept');
      failing = false;
      await outbox.resend(id, kept, clock.now());
      await deliver();
      expect(receiver.taken().map(({ id: event }) => event)).toEqual([kept.event.id]);
      expect(await undelivered(id, 'given-up')).toEqual([]);
    });

    it('a target that asks to wait is asked when it said, and after an hour at the latest', async () => {
      const waits = ['120', '86400'];
      const receiver = await receiving(() => {
        const wait = waits.shift();
        return wait === undefined ? { status: 200 } : { status: 429, headers: { 'retry-after': wait } };
      });
      await subscribed(receiver.url);
      const { deliver, tell } = delivering();
      await tell([scaled('mail', 1)]);
      const attemptsAt: number[] = [];
      for (let minute = 0; minute < 70; minute++) {
        const before = receiver.requests.length;
        await deliver();
        if (receiver.requests.length > before) attemptsAt.push(minute);
        clock.ms += minuteMs;
      }
      expect(attemptsAt).toEqual([0, 2, 62]);
    });

    it('410 Gone disables a webhook: nothing is sent to it any more, and what waits for it is given up', async () => {
      const receiver = await receiving(() => ({ status: 410 }));
      const id = await subscribed(receiver.url);
      const { deliver, tell, measured } = delivering();
      await tell([scaled('mail', 1), scaled('mail', 2)]);
      await deliver();
      expect(receiver.requests).toHaveLength(1);
      expect(await webhooks.get(id)).toMatchObject({ disabled: { why: 'answered 410' } });
      expect((await undelivered(id, 'given-up')).map(({ event }) => event.data['from'])).toEqual([1, 2]);
      expect(measured).toEqual(Array(2).fill(['UndeliveredEvents', 1]));
      clock.ms += minuteMs;
      await tell([scaled('mail', 3)]);
      await deliver();
      expect(receiver.requests).toHaveLength(1);
      expect(await undelivered(id, 'waiting')).toEqual([]);
    });

    it('a target that does not answer, and one that is not there, delay no other one', async () => {
      const hanging = await receiving(() => new Promise<never>(() => {}));
      const fine = await receiving();
      const gone = await startEventReceiver();
      await gone.close();
      await subscribed(hanging.url);
      await subscribed(gone.url);
      await subscribed(fine.url);
      const { deliver, tell } = delivering();
      await tell([scaled('mail', 1)]);
      const first = deliver();
      await expect.poll(() => hanging.requests).toHaveLength(1);
      await expect.poll(() => fine.taken()).toHaveLength(1);
      // While the request to the one that hangs is still under way.
      await tell([scaled('mail', 2)]);
      const second = deliver();
      await expect.poll(() => fine.taken()).toHaveLength(2);
      expect(hanging.requests).toHaveLength(1);
      await hanging.close();
      await Promise.all([first, second]);
    });

    it('a redirect is not followed', async () => {
      const elsewhere = await receiving();
      const receiver = await receiving(() => ({ status: 307, headers: { location: elsewhere.url } }));
      const id = await subscribed(receiver.url);
      const { deliver, tell } = delivering();
      await tell([scaled('mail', 1)]);
      await deliver();
      expect(elsewhere.requests).toEqual([]);
      expect(await undelivered(id, 'waiting')).toMatchObject([{ attempts: 1, lastFailure: 'answered 307' }]);
    });

    it('a name that leads to an address which is not allowed is not called', async () => {
      const id = await subscribed('http://metadata.example.org/');
      const asked: string[] = [];
      const egress = createEgress({
        policy: { allowedNetworks: [] },
        resolve: async (name) => {
          asked.push(name);
          return [{ address: '169.254.169.254', family: 4 }];
        },
      });
      onTestFinished(() => egress.close());
      const targets = createTargets({ webhooks, egress, clock });
      const [target] = (await targets()).filter((one) => one.id === id);
      const { tell } = delivering();
      await tell([scaled('mail', 1)]);
      const [kept] = await undelivered(id, 'waiting');
      if (!target || !kept) throw new Error('nothing waits');
      expect(await target.send([kept.event])).toMatchObject([
        { taken: false, why: expect.stringMatching(/^service\.address-refused: /) },
      ]);
      expect(asked).toEqual(['metadata.example.org']);
    });

    it('of several that deliver at once one does, and its lease ends when it is lost', async () => {
      const receiver = await receiving();
      const id = await subscribed(receiver.url);
      const one = delivering({ shared: true });
      const other = delivering({ shared: true });
      await one.tell(Array.from({ length: 20 }, (_, n) => scaled(`service-${n}`, n)));
      await Promise.all([one.deliver(), other.deliver()]);
      await one.deliver();
      expect(receiver.requests).toHaveLength(20);
      await outbox.takeLease(id, 'somebody who was killed', { nowMs: clock.now(), forMs: 60_000 });
      await one.tell([scaled('mail', 1)]);
      await other.deliver();
      expect(receiver.requests).toHaveLength(20);
      clock.ms += 60_001;
      await other.deliver();
      expect(receiver.requests).toHaveLength(21);
    });

    it('without a listener nothing is written', async () => {
      const { tell } = delivering();
      expect(await tell([scaled('mail', 1)])).toBe(false);
      const page = await tables.telemetry.query({ pk: 'EVENTS#monitoring-url' });
      expect(page.items).toEqual([]);
    });
  });
