import { describe, expect, it } from 'vitest';
import { OrchestratorError } from '../../../src/base/errors.ts';
import { createCallGuard } from '../../../src/calling/call-guard.ts';
import type { Target } from '../../../src/calling/target.ts';

const target = (limits?: Target['limits']): Target => ({
  service: 'gmail',
  version: '1.0.0',
  instance: 'one',
  transport: 'rest',
  url: 'http://one/',
  limits,
});

/** A clock that stands still until it is told. */
function stillClock() {
  const clock = { ms: 1_000_000, now: () => clock.ms };
  return clock;
}

const fails = (code: ConstructorParameters<typeof OrchestratorError>[0]) => () =>
  Promise.reject(new OrchestratorError(code, 'no'));

describe('a circuit breaker', () => {
  const guarded = () => {
    const clock = stillClock();
    const guard = createCallGuard(clock);
    const call = (what: () => Promise<unknown>): Promise<unknown> =>
      guard
        .run(target(), { deadline: clock.ms + 1000 }, what)
        .catch((error: OrchestratorError) => error.code);
    return { clock, guard, call };
  };

  it('lets an instance rest for ten seconds after five faults in a row', async () => {
    const { clock, guard, call } = guarded();
    for (let n = 0; n < 4; n++) await call(fails('service.unreachable'));
    expect(guard.restingSeconds('http://one/')).toBe(0);
    await call(fails('service.connection-lost'));
    expect(guard.restingSeconds('http://one/')).toBe(10);
    expect(guard.restingSeconds('http://other/')).toBe(0);
    clock.ms += 4000;
    expect(guard.restingSeconds('http://one/')).toBe(6);
    clock.ms += 6000;
    expect(guard.restingSeconds('http://one/')).toBe(0);
  });

  it('counts a time-out only where ten seconds were allowed, or no connection was made', async () => {
    const restsAfter = async (allowedMs: number, connected: boolean | undefined): Promise<number> => {
      const clock = stillClock();
      const guard = createCallGuard(clock);
      for (let n = 0; n < 5; n++)
        await guard
          .run(target(), { deadline: clock.ms + allowedMs }, () =>
            Promise.reject(new OrchestratorError('service.timeout', 'late', { connected })),
          )
          .catch(() => undefined);
      return guard.restingSeconds('http://one/');
    };
    expect(await restsAfter(9_999, true)).toBe(0);
    expect(await restsAfter(9_999, undefined)).toBe(0);
    expect(await restsAfter(10_000, true)).toBe(10);
    expect(await restsAfter(100, false)).toBe(10);
  });

  it('begins anew after an answer, be it a refusal', async () => {
    const { guard, call } = guarded();
    for (const code of ['service.tool-failed', 'service.rejected', 'service.throttled'] as const) {
      for (let n = 0; n < 4; n++) await call(fails('service.failed'));
      await call(fails(code));
    }
    for (let n = 0; n < 4; n++) await call(fails('service.failed'));
    expect(guard.restingSeconds('http://one/')).toBe(0);
    await call(fails('service.failed'));
    expect(guard.restingSeconds('http://one/')).toBe(10);
  });

  it('lets one call through after the rest, whose end decides', async () => {
    const { clock, guard, call } = guarded();
    for (let n = 0; n < 5; n++) await call(fails('service.failed'));
    clock.ms += 10_000;
    let resting: number | undefined;
    await call(async () => {
      resting = guard.restingSeconds('http://one/');
      throw new OrchestratorError('service.failed', 'still');
    });
    expect(resting).toBe(10);
    expect(guard.restingSeconds('http://one/')).toBe(10);
    clock.ms += 10_000;
    expect(await call(async () => 'well')).toBe('well');
    expect(guard.restingSeconds('http://one/')).toBe(0);
  });

  it('learns nothing from a call that was cancelled', async () => {
    const { guard, call } = guarded();
    for (let n = 0; n < 4; n++) await call(fails('service.failed'));
    await call(fails('execution.cancelled'));
    await call(fails('service.failed'));
    expect(guard.restingSeconds('http://one/')).toBe(10);
  });
});

describe('an instance that takes no connections', () => {
  const guarded = () => {
    const clock = stillClock();
    const told: string[] = [];
    const guard = createCallGuard(clock, { failing: ({ url }) => told.push(url) });
    const call = (what: () => Promise<unknown>): Promise<unknown> =>
      guard.run(target(), { deadline: clock.ms + 1000 }, what).catch(() => undefined);
    return { clock, told, guard, call };
  };

  it('is left after the second failure in a row, of which its health check is told once', async () => {
    const { guard, told, call } = guarded();
    await call(fails('service.unreachable'));
    expect([guard.isLeft('http://one/'), told]).toEqual([false, []]);
    for (let n = 0; n < 3; n++) await call(fails('service.connection-lost'));
    expect([guard.isLeft('http://one/'), told]).toEqual([true, ['http://one/']]);
  });

  it('is called again when its check passes', async () => {
    let passes: (url: string) => void = () => {};
    const clock = stillClock();
    const guard = createCallGuard(clock, { passing: (listener) => (passes = listener) });
    const fail = () =>
      guard.run(target(), { deadline: clock.ms + 1000 }, fails('service.unreachable')).catch(() => undefined);
    for (let n = 0; n < 2; n++) await fail();
    passes('http://other/');
    expect(guard.isLeft('http://one/')).toBe(true);
    passes('http://one/');
    expect(guard.isLeft('http://one/')).toBe(false);
  });

  it('is told of again when it is left again', async () => {
    const { clock, told, call } = guarded();
    for (let n = 0; n < 3; n++) await call(fails('service.unreachable'));
    clock.ms += 30_000;
    await call(fails('service.unreachable'));
    await call(fails('service.unreachable'));
    expect(told).toEqual(['http://one/', 'http://one/']);
  });

  it.each(['service.failed', 'service.rejected'] as const)(
    'is none that answers, even with %s',
    async (code) => {
      const { guard, call } = guarded();
      await call(fails('service.unreachable'));
      await call(fails(code));
      await call(fails('service.unreachable'));
      expect(guard.isLeft('http://one/')).toBe(false);
    },
  );

  it('is called again after a call that got through, and after half a minute', async () => {
    const { clock, guard, call } = guarded();
    for (let n = 0; n < 2; n++) await call(fails('service.unreachable'));
    await call(async () => undefined);
    expect(guard.isLeft('http://one/')).toBe(false);
    for (let n = 0; n < 2; n++) await call(fails('service.unreachable'));
    clock.ms += 29_999;
    expect(guard.isLeft('http://one/')).toBe(true);
    clock.ms += 1;
    expect(guard.isLeft('http://one/')).toBe(false);
  });

  it('is not told of by a call that was cancelled', async () => {
    const { guard, told, call } = guarded();
    for (let n = 0; n < 3; n++) await call(fails('execution.cancelled'));
    expect([guard.isLeft('http://one/'), told]).toEqual([false, []]);
  });
});

describe('the limits of a service', () => {
  it('keep more calls waiting than may be under way, and count those that are', async () => {
    const guard = createCallGuard({ now: () => Date.now() });
    let most = 0;
    const calls = Array.from({ length: 9 }, () =>
      guard.run(target({ concurrency: 3 }), { deadline: Date.now() + 20_000 }, async () => {
        most = Math.max(most, guard.inFlight('http://one/'));
        await new Promise((resolve) => setTimeout(resolve, 30));
      }),
    );
    await Promise.all(calls);
    expect(most).toBe(3);
    expect(guard.inFlight('http://one/')).toBe(0);
  });

  it('let through a second of calls at once, and refuse one whose turn is after its deadline', async () => {
    const clock = stillClock();
    const guard = createCallGuard(clock);
    const call = (): Promise<string> =>
      guard.run(target({ requestsPerSecond: 2 }), { deadline: clock.ms + 100 }, async () => 'called');
    expect([await call(), await call()]).toEqual(['called', 'called']);
    await expect(call()).rejects.toMatchObject({ code: 'service.throttled', retryAfterSeconds: 0.5 });
    clock.ms += 500;
    expect(await call()).toBe('called');
    await expect(call()).rejects.toMatchObject({ code: 'service.throttled' });
    clock.ms += 60_000;
    expect([await call(), await call()]).toEqual(['called', 'called']);
    await expect(call()).rejects.toMatchObject({ code: 'service.throttled' });
  });

  it('give the turn of a failed call back', async () => {
    const guard = createCallGuard({ now: () => Date.now() });
    const once = (what: () => Promise<unknown>) =>
      guard.run(target({ concurrency: 1 }), { deadline: Date.now() + 5000 }, what);
    await expect(once(fails('service.failed'))).rejects.toMatchObject({ code: 'service.failed' });
    expect(await once(async () => 'next')).toBe('next');
  });

  it('end the waiting of a call that is cancelled', async () => {
    const guard = createCallGuard({ now: () => Date.now() });
    const bounds = { deadline: Date.now() + 20_000 };
    let release = (): void => undefined;
    const held = guard.run(
      target({ concurrency: 1 }),
      bounds,
      () => new Promise<void>((done) => (release = done)),
    );
    const cancel = new AbortController();
    const waiting = guard.run(
      target({ concurrency: 1 }),
      { ...bounds, signal: cancel.signal },
      async () => 'late',
    );
    cancel.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'execution.cancelled' });
    release();
    await held;
  });
});
