/** The start of eight services that require each other, against the longest path of their own start times. */
import { drivenService } from '../../system/driven-services.ts';
import { carriedOut, type Fleet, healthyInstance, startFleet } from './fleet.ts';
import { ownStart } from './own-start.ts';
import type { Took } from './took.ts';

/** Who requires whom, in an order in which they can start: a and b nobody, h everybody over others. */
const graph = {
  a: [],
  b: [],
  c: ['a'],
  d: ['a', 'b'],
  e: ['c'],
  f: ['c', 'd'],
  g: ['e'],
  h: ['f', 'g'],
} satisfies Readonly<Record<string, readonly string[]>>;

const nameOf = (node: string): string => `graph-${node}`;
const top = nameOf('h');

/** Each of them listens so long after it was started, as one that has something to load. */
export async function measureGraphStart(times: number, listenAfterMs: number): Promise<Took> {
  const env = { LISTEN_AFTER_MS: String(listenAfterMs) };
  const fleet = await startFleet(
    Object.entries(graph).map(([node, requires]) =>
      drivenService({ name: nameOf(node), env, requires: requires.map(nameOf) }),
    ),
  );
  const took = { ms: [] as number[], own: [] as number[] };
  try {
    await healthyInstance(fleet, top);
    while (took.ms.length < times) {
      await stopped(fleet);
      took.own.push(await criticalPath(env));
      const began = performance.now();
      await carriedOut(fleet, 'start_service', { service: top });
      took.ms.push(performance.now() - began);
    }
    return took;
  } finally {
    await fleet.stop();
  }
}

async function stopped(fleet: Fleet): Promise<void> {
  for (const node of ['a', 'b'])
    await carriedOut(fleet, 'stop_service', { service: nameOf(node), cascade: true });
}

/** Where nobody but they themselves take time. */
async function criticalPath(env: Readonly<Record<string, string>>): Promise<number> {
  const endMs = new Map<string, number>();
  for (const [node, requires] of Object.entries(graph)) {
    const began = Math.max(0, ...requires.map((one) => endMs.get(one) ?? 0));
    endMs.set(node, began + (await ownStart(env)));
  }
  return Math.max(...endMs.values());
}
