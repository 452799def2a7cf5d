/** When counts are written, and that none is lost or written twice. */
import { array, asyncProperty, assert as check, constantFrom, oneof, record } from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createMeter } from '../../../../src/monitor/usage/create-meter.ts';
import { sumOf, totalOf } from '../../../../src/monitor/usage/model/usage.ts';
import type { CountedMinute } from '../../../../src/monitor/usage/store/usage-store.ts';

const start = Date.parse('2026-11-28T12:00:00.000Z');
const minute = start / 60_000;

beforeEach(() => {
  vi.useFakeTimers({ now: start });
});
afterEach(() => {
  vi.useRealTimers();
});

const snapshot = (counted: CountedMinute): CountedMinute => structuredClone(counted);

/** Stores as DynamoDB does under the condition of the writes; `fails` says what becomes of a write. */
function storeThat(fails: () => 'not' | 'refused' | 'lost answer' = () => 'not') {
  const items = new Map<string, CountedMinute>();
  const writes: CountedMinute[] = [];
  return {
    items,
    writes,
    async put(counted: CountedMinute): Promise<boolean> {
      const failure = fails();
      const written = snapshot(counted);
      writes.push(written);
      if (failure === 'refused') throw new Error('ProvisionedThroughputExceededException');
      const key = `${written.subject.kind} ${written.subject.name} ${written.minute} ${written.container}`;
      const known = items.get(key);
      const isNewer = known === undefined || known.changes < written.changes;
      if (isNewer) items.set(key, written);
      if (failure === 'lost answer') throw new Error('socket hang up');
      return isNewer;
    },
  };
}

function meterOn(store: ReturnType<typeof storeThat>, container = 'container-1') {
  const warnings: unknown[] = [];
  const meter = createMeter({
    store,
    clock: { now: () => Date.now() },
    newId: () => container,
    log: { warn: (message, fields) => warnings.push([message, fields]) },
  });
  return { meter, warnings };
}

const call = (service: string, name = 'get_email', repeats = false) => ({ service, name, repeats });
const storedOf = ({ items }: ReturnType<typeof storeThat>, kind: string) =>
  sumOf([...items.values()].filter(({ subject }) => subject.kind === kind).map(({ usage }) => usage));

describe('what a meter counts', () => {
  it('is written together with what comes right after a call', async () => {
    const store = storeThat();
    const { meter } = meterOn(store);
    const ended = meter.calls(call('gmail'));
    await vi.advanceTimersByTimeAsync(40);
    ended();
    expect(store.writes).toEqual([]);
    meter.attempted('process-email', { step: 'fetch', ms: 41, repeats: false });
    expect(store.writes.map(({ subject }) => subject)).toEqual([
      { kind: 'service', name: 'gmail' },
      { kind: 'workflow', name: 'process-email' },
    ]);
    expect(store.writes[0]).toMatchObject({ minute, container: 'container-1', usage: { busyMs: 40 } });
  });

  it('is written at most every ten seconds, all of it', async () => {
    const store = storeThat();
    const { meter } = meterOn(store);
    for (let second = 0; second < 60; second++) {
      meter.calls(call('gmail'))();
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(store.writes.length).toBeGreaterThanOrEqual(6);
    expect(store.writes.length).toBeLessThanOrEqual(7);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(totalOf(storedOf(store, 'service')).count).toBe(60);
  });

  it('is written without anything that is waited for: a write that never answers keeps nobody', async () => {
    const hanging = { put: () => new Promise<boolean>(() => undefined) };
    const meter = createMeter({
      store: hanging,
      clock: { now: () => Date.now() },
      newId: () => 'container-1',
      log: { warn: () => undefined },
    });
    meter.started('process-email');
    meter.calls(call('gmail'))();
    meter.writeDue();
    const settled = meter.settled();
    await vi.advanceTimersByTimeAsync(1_000);
    await settled;
  });

  it('of a long call shows while it lasts that it is under way', async () => {
    const store = storeThat();
    const { meter } = meterOn(store);
    const ended = meter.calls(call('gmail'));
    await vi.advanceTimersByTimeAsync(95_000);
    expect([...store.items.values()].map((one) => [one.minute - minute, one.usage.busyMs])).toEqual([
      [0, 60_000],
      [1, 30_000],
    ]);
    ended();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(storedOf(store, 'service')).toMatchObject({ busyMs: 95_000, parts: { get_email: { count: 1 } } });
  });

  it('is written later where a write was refused, and says so once', async () => {
    let refusals = 2;
    const store = storeThat(() => (refusals-- > 0 ? 'refused' : 'not'));
    const { meter, warnings } = meterOn(store);
    meter.started('process-email');
    await vi.advanceTimersByTimeAsync(30_000);
    expect(storedOf(store, 'workflow').started).toBe(1);
    expect(warnings).toEqual([
      ['usage not written', { failed: 1, dropped: 0 }],
      ['usage not written', { failed: 1, dropped: 0 }],
    ]);
  });

  it('is written by a container that was frozen when it goes on', async () => {
    const store = storeThat();
    const { meter } = meterOn(store);
    meter.started('process-email');
    meter.started('process-email');
    // Frozen: time passes, and no timer fires.
    vi.setSystemTime(start + 3_600_000);
    expect(storedOf(store, 'workflow').started).toBe(1);
    await vi.advanceTimersByTimeAsync(10_000);
    expect([...store.items.values()].map((one) => [one.minute, one.usage.started])).toEqual([[minute, 2]]);
  });

  it('costs nothing while nothing is counted', async () => {
    const store = storeThat();
    meterOn(store);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(store.writes).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('keeps an end of an execution by its status', async () => {
    const store = storeThat();
    const { meter } = meterOn(store);
    meter.ended('process-email', { status: 'SUCCEEDED', ms: 200 });
    meter.ended('process-email', { status: 'TIMED_OUT', ms: 60_000 });
    await meter.flush();
    expect(storedOf(store, 'workflow').ended).toMatchObject({ count: 2, errors: { TIMED_OUT: 1 } });
  });
});

const Step = oneof(
  record({ does: constantFrom('call'), service: constantFrom('gmail', 'graph'), on: constantFrom(0, 1) }),
  record({
    does: constantFrom('flush', 'pass', 'freeze'),
    service: constantFrom(''),
    on: constantFrom(0, 1),
  }),
);

describe('whatever becomes of writes', () => {
  it('nothing is lost and nothing is counted twice', async () => {
    await check(
      asyncProperty(
        array(Step, { maxLength: 40 }),
        array(constantFrom('not' as const, 'refused' as const, 'lost answer' as const), { maxLength: 60 }),
        async (steps, failures) => {
          vi.setSystemTime(start);
          const left = [...failures];
          const store = storeThat(() => left.shift() ?? 'not');
          const meters = ['container-1', 'container-2'].map((name) => meterOn(store, name).meter);
          const expected: Record<string, number> = { gmail: 0, graph: 0 };
          for (const { does, service, on } of steps) {
            if (does === 'call') {
              meters[on]?.calls(call(service))();
              expected[service] = (expected[service] ?? 0) + 1;
            }
            if (does === 'flush') void meters[on]?.flush();
            if (does === 'pass') await vi.advanceTimersByTimeAsync(7_000);
            if (does === 'freeze') vi.setSystemTime(Date.now() + 90_000);
          }
          left.length = 0;
          await Promise.all(meters.map((meter) => meter.flush()));
          const counts = ['gmail', 'graph'].map((name) => {
            const own = [...store.items.values()].filter(({ subject }) => subject.name === name);
            return [name, totalOf(sumOf(own.map(({ usage }) => usage))).count];
          });
          expect(Object.fromEntries(counts)).toEqual(expected);
          for (const meter of meters) meter.stop();
        },
      ),
      { numRuns: 200 },
    );
  });

  it('a write that arrives after a later one changes nothing', async () => {
    const store = storeThat();
    const { meter } = meterOn(store);
    meter.started('process-email');
    const [first] = store.writes;
    meter.started('process-email');
    await meter.flush();
    if (first) await store.put(first);
    expect(storedOf(store, 'workflow').started).toBe(2);
  });
});
