import { describe, expect, it } from 'vitest';
import { createServiceResolver } from '../../../src/calling/resolve-service.ts';
import type { ServiceInstances, StoredInstance } from '../../../src/instances/model/instances.ts';

const now = 1_800_000_000_000;
const at = '2027-01-15T08:00:00.000Z';
const version = (number: string, url?: string) => ({
  version: number,
  transport: 'rest' as const,
  tags: [],
  registeredAt: at,
  ...(url !== undefined && { url }),
});
const instance = (id: string, of: string, more: Partial<StoredInstance> = {}): StoredInstance => ({
  service: 'gmail',
  id,
  version: of,
  url: `http://${id}/`,
  labels: {},
  leaseSeconds: 60,
  renewedAtMs: now,
  reported: 'HEALTHY',
  registeredAt: at,
  ...more,
});

interface Setting {
  readonly inFlight?: Record<string, number>;
  readonly resting?: Record<string, number>;
  /** Urls that do not take connections. */
  readonly left?: readonly string[];
  /** What random choices come to, one after the other. */
  readonly choices?: number[];
}

function resolverOver(service: Omit<ServiceInstances, 'name'> | undefined, setting: Setting = {}) {
  const { inFlight = {}, resting = {}, left = [], choices = [] } = setting;
  let reads = 0;
  const clock = { ms: now, now: () => clock.ms };
  const resolve = createServiceResolver({
    instances: {
      async ofService() {
        reads += 1;
        return service && { name: 'gmail', ...service };
      },
    },
    clock,
    random: () => choices.shift() ?? 0,
    guard: {
      inFlight: (url) => inFlight[url] ?? 0,
      restingSeconds: (url) => resting[url] ?? 0,
      isLeft: (url) => left.includes(url),
    },
  });
  return { resolve, clock, reads: () => reads };
}

const two = {
  route: { revision: 1, versions: [version('1.4.0'), version('2.0.0')] },
  registered: [instance('old', '1.4.0'), instance('new', '2.0.0')],
};

describe('the instance of a call', () => {
  it('is of the highest version in the range', async () => {
    const { resolve } = resolverOver(two);
    expect((await resolve('gmail')).instance).toBe('new');
    expect((await resolve('gmail@^1.0.0')).instance).toBe('old');
    expect((await resolve('gmail@>=1 <3')).instance).toBe('new');
  });

  it('is of a lower version where the highest has none that is healthy', async () => {
    for (const state of [{ reported: 'UNHEALTHY' as const }, { renewedAtMs: now - 60_001 }]) {
      const registered = [instance('old', '1.4.0'), instance('new', '2.0.0', state)];
      expect((await resolverOver({ ...two, registered }).resolve('gmail')).version).toBe('1.4.0');
    }
  });

  it('has the url of the registration where nothing registered itself', async () => {
    const route = { revision: 1, versions: [version('1.0.0', 'http://host:80/path')] };
    expect(await resolverOver({ route, registered: [] }).resolve('gmail')).toEqual({
      service: 'gmail',
      version: '1.0.0',
      instance: 'gmail@host',
      transport: 'rest',
      url: 'http://host:80/path',
    });
  });

  it('is the one of two random ones that has fewer calls under way', async () => {
    const registered = ['a', 'b', 'c', 'd'].map((id) => instance(id, '2.0.0'));
    const inFlight = { 'http://a/': 5, 'http://b/': 1, 'http://c/': 0 };
    const chosen = async (...choices: number[]) =>
      (await resolverOver({ ...two, registered }, { inFlight, choices }).resolve('gmail')).instance;
    expect(await chosen(0, 0.25)).toBe('b');
    expect(await chosen(0.25, 0)).toBe('b');
    expect(await chosen(0, 0)).toBe('a');
    expect(await chosen(0.99, 0)).toBe('d');
  });

  it('is not one that rests, nor one that was tried, while there is another', async () => {
    const registered = [instance('a', '2.0.0'), instance('b', '2.0.0')];
    const resting = { 'http://a/': 7 };
    expect((await resolverOver({ ...two, registered }, { resting }).resolve('gmail')).instance).toBe('b');
    const { resolve } = resolverOver({ ...two, registered });
    expect((await resolve('gmail', new Set(['http://a/']))).instance).toBe('b');
    expect((await resolve('gmail', new Set(['http://a/', 'http://b/']))).instance).toBe('a');
  });

  it('is one that takes connections, and one that does not where there is no other', async () => {
    const registered = [instance('a', '2.0.0'), instance('b', '2.0.0')];
    const left = ['http://a/'];
    expect((await resolverOver({ ...two, registered }, { left }).resolve('gmail')).instance).toBe('b');
    const both = ['http://a/', 'http://b/'];
    expect((await resolverOver({ ...two, registered }, { left: both }).resolve('gmail')).instance).toBe('a');
  });

  it('is the url of the registration though its checks fail, where there is nothing else', async () => {
    const route = { revision: 1, versions: [version('1.0.0', 'http://host/')] };
    const checked = [
      {
        service: 'gmail',
        id: 'gmail@host',
        url: 'http://host/',
        ver: 1,
        health: 'UNHEALTHY' as const,
        reached: true,
        contrary: 0,
        sinceMs: now,
        reason: 'it answered 503',
        changesMs: [],
      },
    ];
    const alone = resolverOver({ route, registered: [], checked });
    expect((await alone.resolve('gmail')).instance).toBe('gmail@host');
    const beside = resolverOver({ route, registered: [instance('own', '1.0.0')], checked });
    expect((await beside.resolve('gmail')).instance).toBe('own');
  });

  it('is refused when all rest, with the seconds until the first may be called', async () => {
    const resting = { 'http://new/': 7.2, 'http://old/': 1 };
    await expect(resolverOver(two, { resting }).resolve('gmail')).rejects.toMatchObject({
      code: 'service.unavailable',
      retryAfterSeconds: 8,
    });
  });

  it('is refused where there is no service, no version in the range, or none that is healthy', async () => {
    await expect(resolverOver(undefined).resolve('gmail')).rejects.toMatchObject({
      code: 'service.not-found',
    });
    await expect(resolverOver(two).resolve('gmail@^9')).rejects.toMatchObject({
      code: 'service.not-found',
      message: 'No version of gmail is in ^9; list_service_versions shows them',
    });
    await expect(resolverOver({ ...two, registered: [] }).resolve('gmail')).rejects.toMatchObject({
      code: 'service.unavailable',
    });
  });

  it('is read once in three seconds, and anew when there was none', async () => {
    const found = resolverOver(two);
    for (let n = 0; n < 5; n++) await found.resolve('gmail');
    expect(found.reads()).toBe(1);
    found.clock.ms += 3001;
    await found.resolve('gmail');
    expect(found.reads()).toBe(2);
    const missing = resolverOver(undefined);
    for (let n = 0; n < 2; n++) await missing.resolve('gmail').catch(() => undefined);
    expect(missing.reads()).toBe(2);
  });
});
