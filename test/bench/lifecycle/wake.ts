/** From the call of a service that sleeps until its answer. */
import { drivenService } from '../../system/driven-services.ts';
import { carriedOut, type Fleet, startFleet } from './fleet.ts';
import { ownStart } from './own-start.ts';
import type { Took } from './took.ts';

const service = 'sleepy';

export async function measureWake(times: number): Promise<Took> {
  const fleet = await startFleet([
    drivenService({ name: service, more: { scaling: { minInstances: 0, maxInstances: 1 } } }),
  ]);
  const took = { ms: [] as number[], own: [] as number[] };
  try {
    while (took.ms.length < times) {
      took.own.push(await ownStart());
      took.ms.push(await answeredAfter(fleet));
      await carriedOut(fleet, 'scale_service', { service, instances: 0 });
    }
    return took;
  } finally {
    await fleet.stop();
  }
}

async function answeredAfter({ ask }: Fleet): Promise<number> {
  const began = performance.now();
  await ask('call_service', { service, request: { method: 'GET', path: '/' } });
  return performance.now() - began;
}
