/**
 * A platform that exists in memory only, behind the contract of drivers: a test says what its things do, and sees what runs
 * on it. As the real ones it knows a start by its token, and starts none twice.
 */
import type { DrivenStart, Driver, Listed } from '../../src/instances/driver.ts';

interface Thing extends Pick<Listed, 'service' | 'id' | 'token'> {
  state: 'PENDING' | 'RUNNING' | 'EXITED';
  readonly ref: string;
  readonly url: string;
}

export type Call = 'start' | 'describe' | 'stop' | 'list';

export interface FakePlatform {
  /** `beforeCall` may throw, or wait: then the call is not made, or later. */
  driver(beforeCall?: (call: Call) => Promise<void>, afterCall?: (call: Call) => void): Driver;
  /** Those that run, or are about to. */
  running(): readonly Readonly<Thing>[];
  /** Starts that were accepted, by instance. */
  starts(): ReadonlyMap<string, number>;
  /** Whether what answers at a url is well. */
  isWell(url: string): boolean;
  /** It ends by itself. */
  exit(token: string): void;
  /** What is started from now on runs only when `release` is called. */
  hold(): void;
  release(): void;
  /** Forgets those that have ended. */
  forget(): void;
}

export function createFakePlatform(): FakePlatform {
  const things = new Map<string, Thing>();
  const starts = new Map<string, number>();
  let holding = false;
  let count = 0;

  const isThere = ({ state }: Thing): boolean => state !== 'EXITED';
  const shown = ({ state, ref, url }: Thing) => ({
    state,
    ref,
    ...(state === 'RUNNING' && { url }),
    ...(state === 'EXITED' && { exit: { how: 'with code 1' } }),
  });
  const started = ({ service, id, token }: DrivenStart): Thing => {
    const number = ++count;
    starts.set(id, (starts.get(id) ?? 0) + 1);
    return {
      service,
      id,
      token,
      state: holding ? 'PENDING' : 'RUNNING',
      ref: `ref-${number}`,
      url: `http://10.0.0.1:${number}`,
    };
  };

  return {
    driver(beforeCall = async () => {}, afterCall = () => {}) {
      return {
        kind: 'process',
        async start(start) {
          await beforeCall('start');
          const thing = things.get(start.token) ?? started(start);
          things.set(start.token, thing);
          afterCall('start');
          return shown(thing);
        },
        async describe({ token }) {
          await beforeCall('describe');
          const thing = things.get(token);
          return thing ? shown(thing) : { state: 'GONE' };
        },
        async stop({ token }) {
          await beforeCall('stop');
          const thing = things.get(token);
          if (thing) thing.state = 'EXITED';
          afterCall('stop');
        },
        async list() {
          await beforeCall('list');
          return [...things.values()].map((thing) => ({
            ...shown(thing),
            service: thing.service,
            id: thing.id,
            token: thing.token,
          }));
        },
        logs: async () => undefined,
      };
    },
    running: () => [...things.values()].filter(isThere),
    starts: () => starts,
    isWell: (url) => [...things.values()].some((thing) => thing.url === url && thing.state === 'RUNNING'),
    exit(token) {
      const thing = things.get(token);
      if (thing) thing.state = 'EXITED';
    },
    hold() {
      holding = true;
    },
    release() {
      holding = false;
      for (const thing of things.values()) if (thing.state === 'PENDING') thing.state = 'RUNNING';
    },
    forget() {
      for (const [token, thing] of things) if (!isThere(thing)) things.delete(token);
    },
  };
}
