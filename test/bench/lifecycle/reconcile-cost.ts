/** What it costs to look after instances when nothing has changed: requests to the store, time and CPU. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import * as z from 'zod';
import { BenchProcess } from '../child.ts';
import { secondsEach } from '../settings.ts';
import { temporaryFolder } from '../systems/temporary-folder.ts';
import { type Cell, printTable } from '../table.ts';

const Round = z.object({
  instances: z.number(),
  reads: z.number(),
  writes: z.number(),
  ms: z.number(),
  cpuMs: z.number(),
});
type Round = z.infer<typeof Round>;

const Settled = z.object({ settled: z.literal(true) });
const Settling = z.object({ settling: z.literal(true) });
const Measured = z.object({ unprobed: Round, probed: Round });

const services = 100;
const sizes = [10, 100] as const;
const rounds = Math.max(3, Math.ceil(secondsEach));

export interface ReconcileCost {
  readonly instances: number;
  /** No probe is due. */
  readonly unprobed: Round;
  /** All probes are due. */
  readonly probed: Round;
}

export async function measureReconcile(): Promise<ReconcileCost[]> {
  const server = createServer((_request, response) => response.end('{}')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const costs: ReconcileCost[] = [];
  try {
    for (const each of sizes) costs.push(await measureFleet(each, `http://127.0.0.1:${port}/`));
  } finally {
    server.close();
  }
  return costs;
}

async function measureFleet(each: number, url: string): Promise<ReconcileCost> {
  const folder = await temporaryFolder('reconcile');
  const child = new BenchProcess(new URL('./reconcile-process.ts', import.meta.url), {
    args: [...[services, each, rounds].map(String), url, folder.path],
  });
  try {
    while ('settling' in (await child.next(z.union([Settled, Settling]))));
    const measured = await child.next(Measured);
    return { instances: measured.unprobed.instances, ...measured };
  } finally {
    await child.stop();
    await folder.remove();
  }
}

export const reconcileHead = ['instances of 100 services', 'reads', 'writes', 'ms', 'CPU ms'];

export const reconcileRows = (costs: readonly ReconcileCost[]): Cell[][] =>
  costs.flatMap(({ instances, unprobed, probed }) => [
    rowOf(`${instances}, no probe due`, unprobed),
    rowOf(`${instances}, every probe due`, probed),
  ]);

const rowOf = (what: string, { reads, writes, ms, cpuMs }: Round): Cell[] => [what, reads, writes, ms, cpuMs];

export function printReconcile(costs: readonly ReconcileCost[]): void {
  printTable('8. Looking after instances where nothing has changed', reconcileHead, reconcileRows(costs));
}
