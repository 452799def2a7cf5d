/** The orchestrator under test as its driver sees it: start an execution, and see it end. */
import * as z from 'zod';
import { BenchProcess } from './child.ts';
import { createPlainClient, type PlainClient } from './plain-client.ts';
import { profileFolder, serviceDelaysMs } from './settings.ts';
import { serviceFor, workflowFor } from './three-steps.ts';

const Ended = z.object({ endedId: z.string(), at: z.number() });
const Started = z.object({
  endpoints: z.object({ api: z.string(), mcp: z.string(), stepFunctions: z.string() }),
});
const Usage = z.object({
  cpuMs: z.number(),
  phases: z.record(z.string(), z.object({ count: z.number(), totalMs: z.number() })),
});
export type Usage = z.infer<typeof Usage>;
const Accepted = z.object({ workflowId: z.string() });
const Refreshed = z.object({ versions: z.array(z.object({ tools: z.literal(1) })).length(1) });

export type Orchestrator = Awaited<ReturnType<typeof startOrchestrator>>;

const endBoundMs = 60_000;
export const epochMs = (): number => performance.timeOrigin + performance.now();

export async function startOrchestrator(peerPort: number, { usage = 'on' as 'on' | 'off' } = {}) {
  const child = new BenchProcess(new URL('./system-process.ts', import.meta.url), {
    args: [String(peerPort), usage],
    nodeOptions: profileFolder ? ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`] : [],
  });
  const ends = new Ends(child);
  const { endpoints } = await child.next(Started);
  const client = createPlainClient();
  await readTools(client, endpoints.api);
  /** Gives its id as soon as the start is acknowledged. */
  async function start(delayMs: number): Promise<string> {
    const body = { workflow: workflowFor(delayMs), input: { item: 'a parcel' } };
    return Accepted.parse(JSON.parse(await client.post(`${endpoints.api}/v1/executions`, body))).workflowId;
  }
  return {
    endpoints,
    /** Without asking: gives the id and the epoch milliseconds at which the end was recorded. */
    async runUnasked(delayMs: number): Promise<{ id: string; endedAt: number }> {
      const id = await start(delayMs);
      return { id, endedAt: await ends.of(id) };
    },
    /** What was done, and the CPU it took, since the last time this was asked. */
    async usage(): Promise<Usage> {
      const answer = child.next(Usage);
      child.send({ report: true });
      return await answer;
    },
    async stop(): Promise<void> {
      client.close();
      await child.stop();
    },
  };
}

/** The system reads the tools of its services while it runs: a peer that cannot stand that is found here. */
async function readTools(client: PlainClient, api: string): Promise<void> {
  for (const delayMs of serviceDelaysMs) {
    const answer = await client.post(`${api}/v1/services/${serviceFor(delayMs)}/refresh`, {});
    const read = Refreshed.safeParse(JSON.parse(answer));
    if (!read.success) throw new Error(`The tools of the called service could not be read: ${answer}`);
  }
}

/** The recorded ends, which may be told before or after somebody waits for them. */
class Ends {
  readonly #told = new Map<string, number>();
  readonly #waiting = new Map<string, (at: number) => void>();

  constructor(child: BenchProcess) {
    child.onMessage((message) => {
      const ended = Ended.safeParse(message);
      if (!ended.success) return;
      const { endedId, at } = ended.data;
      const resolve = this.#waiting.get(endedId);
      if (resolve) resolve(at);
      else this.#told.set(endedId, at);
    });
  }

  of(id: string): Promise<number> {
    const told = this.#told.get(id);
    this.#told.delete(id);
    if (told !== undefined) return Promise.resolve(told);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`Execution ${id} did not end`)), endBoundMs);
      this.#waiting.set(id, (at) => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        resolve(at);
      });
    });
  }
}
