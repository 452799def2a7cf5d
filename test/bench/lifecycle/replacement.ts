/** From the death of an instance until calls may go to the one that takes its place. */
import { drivenService } from '../../system/driven-services.ts';
import { carriedOut, type Fleet, healthyInstance, startFleet } from './fleet.ts';
import { ownStart } from './own-start.ts';
import type { Took } from './took.ts';

/** Several in turns, each restarted between two deaths: one that ends again and again is started later each time. */
const names = ['dies-a', 'dies-b', 'dies-c', 'dies-d', 'dies-e'];

export async function measureReplacement(times: number): Promise<Took> {
  const fleet = await startFleet(names.map((name) => drivenService({ name })));
  const took = { ms: [] as number[], own: [] as number[] };
  try {
    while (took.ms.length < times) {
      for (const name of names) {
        took.own.push(await ownStart());
        took.ms.push(await replacedAfter(fleet, name));
      }
      await Promise.all(names.map((name) => restarted(fleet, name)));
    }
    return took;
  } finally {
    await fleet.stop();
  }
}

async function replacedAfter(fleet: Fleet, service: string): Promise<number> {
  const { lifecycle } = await healthyInstance(fleet, service);
  process.kill(Number(lifecycle.ref), 'SIGKILL');
  const began = performance.now();
  await healthyInstance(fleet, service, lifecycle.starts + 1);
  return performance.now() - began;
}

const restarted = (fleet: Fleet, service: string): Promise<void> =>
  carriedOut(fleet, 'restart_instance', { service, id: `${service}-1` });
