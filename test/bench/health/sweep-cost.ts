/** What a sweep of health checks costs in which nothing has changed, and whether a busy machine makes it see what is not there. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { cpus } from 'node:os';
import * as z from 'zod';
import { BenchProcess } from '../child.ts';
import { secondsEach } from '../settings.ts';
import { temporaryFolder } from '../systems/temporary-folder.ts';

const Swept = z.object({
  checked: z.number(),
  failed: z.number(),
  reads: z.number(),
  writes: z.number(),
  ms: z.number(),
  cpuMs: z.number(),
});
export type Swept = z.infer<typeof Swept>;

const Busy = z.object({ busy: z.literal(true) });

export const services = 1_000;
const rounds = Math.max(2, Math.ceil(secondsEach * 2));

export interface SweepCost {
  readonly quiet: Swept;
  /** While every core is kept busy by others. */
  readonly busy: Swept;
}

export async function measureSweep(): Promise<SweepCost> {
  const server = createServer((_request, response) => response.end('{}')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const url = `http://127.0.0.1:${port}/`;
  try {
    const quiet = await sweeping(url);
    const others = cpus().map(() => new BenchProcess(new URL('./busy-process.ts', import.meta.url)));
    try {
      await Promise.all(others.map((one) => one.next(Busy)));
      return { quiet, busy: await sweeping(url) };
    } finally {
      await Promise.all(others.map((one) => one.stop()));
    }
  } finally {
    server.close();
  }
}

async function sweeping(url: string): Promise<Swept> {
  const folder = await temporaryFolder('health');
  const child = new BenchProcess(new URL('./sweep-process.ts', import.meta.url), {
    args: [String(services), String(rounds), url, folder.path],
  });
  try {
    return await child.next(Swept, 300_000);
  } finally {
    await child.stop();
    await folder.remove();
  }
}
