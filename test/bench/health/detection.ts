/** How long it takes until it is shown that a service does not answer any more: asked from outside, by the REST API. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import * as z from 'zod';
import { type Fleet, soon, startFleet } from '../lifecycle/fleet.ts';

export const interval = 5;
export const threshold = 2;

const Shown = z.object({ health: z.string() });

/** Milliseconds, of each time. */
export async function measureDetection(times: number): Promise<number[]> {
  const fleet = await startFleet([]);
  try {
    return await Promise.all(
      Array.from({ length: times }, (_, index) => detected(fleet, `watched-${index}`)),
    );
  } finally {
    await fleet.stop();
  }
}

async function detected(fleet: Fleet, name: string): Promise<number> {
  const server = createServer((_request, response) => response.end('{}')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const healthCheck = {
    kind: 'http',
    intervalSeconds: interval,
    timeoutSeconds: 1,
    graceSeconds: 0,
    failuresBeforeUnhealthy: threshold,
  };
  const url = `http://127.0.0.1:${port}`;
  await fleet.ask('register_service', { name, version: '1.0.0', transport: 'rest', url, healthCheck });
  const isShown = async (health: string) =>
    Shown.parse(await fleet.ask('get_service_health', { service: name })).health === health || undefined;
  await soon(() => isShown('HEALTHY'));
  server.closeAllConnections();
  server.close();
  const began = performance.now();
  await soon(() => isShown('UNHEALTHY'));
  return performance.now() - began;
}
