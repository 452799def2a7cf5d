/** The start of eight services that require each other, against the longest path of their own start times. */
import { drivenGraph, graphOfServices } from '../../system/graph-of-services.ts';
import { carriedOut, type Fleet, healthyInstance, startFleet } from './fleet.ts';
import { ownStart } from './own-start.ts';
import type { Took } from './took.ts';

const top = 'graph-h';

/** Each of them listens so long after it was started, as one that has something to load. */
export async function measureGraphStart(times: number, listenAfterMs: number): Promise<Took> {
  const env = { LISTEN_AFTER_MS: String(listenAfterMs) };
  const fleet = await startFleet(drivenGraph(env));
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
  for (const service of ['graph-a', 'graph-b'])
    await carriedOut(fleet, 'stop_service', { service, cascade: true });
}

/** Where nobody but they themselves take time. */
async function criticalPath(env: Readonly<Record<string, string>>): Promise<number> {
  const endMs = new Map<string, number>();
  for (const [name, requires] of graphOfServices) {
    const began = Math.max(0, ...requires.map((one) => endMs.get(one) ?? 0));
    endMs.set(name, began + (await ownStart(env)));
  }
  return Math.max(...endMs.values());
}
