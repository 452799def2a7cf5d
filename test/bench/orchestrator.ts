/** The orchestrator under test as its driver sees it: start an execution and wait for its recorded end. */
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import * as z from 'zod';
import { BenchProcess } from './child.ts';
import { cpuMsOf, databaseProcessOf } from './process-cpu.ts';
import { profileFolder, workflowFor } from './settings.ts';

const Ended = z.object({ endedId: z.string(), at: z.number() });
const Started = z.object({
  endpoints: z.object({ api: z.string(), mcp: z.string(), stepFunctions: z.string() }),
});
const Usage = z.object({
  cpuMs: z.number(),
  phases: z.record(z.string(), z.object({ count: z.number(), totalMs: z.number() })),
});
export type Usage = z.infer<typeof Usage> & { readonly databaseCpuMs: number | undefined };
const Accepted = z.object({ workflowId: z.string() });

export type Orchestrator = Awaited<ReturnType<typeof startOrchestrator>>;

const endBoundMs = 60_000;
export const epochMs = (): number => performance.timeOrigin + performance.now();

export async function startOrchestrator(peerPort: number) {
  const child = new BenchProcess(new URL('./system-process.ts', import.meta.url), {
    args: [String(peerPort)],
    nodeOptions: profileFolder ? ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`] : [],
  });
  const ends = new Ends(child);
  const { endpoints } = await child.next(Started);
  const agent = new Agent({ keepAlive: true });
  const database = await databaseProcessOf(child.pid);
  let databaseCpu = await cpuMsOf(database);
  return {
    endpoints,
    /** Runs one execution; gives its id and the epoch milliseconds at which its end was recorded. */
    async run(delayMs: number): Promise<{ id: string; endedAt: number }> {
      const body = JSON.stringify({ workflow: workflowFor(delayMs), input: { item: 'a parcel' } });
      const answer = await post(`${endpoints.api}/v1/executions`, { agent, body });
      const id = Accepted.parse(JSON.parse(answer)).workflowId;
      return { id, endedAt: await ends.of(id) };
    },
    /** What was done, and the CPU it took, since the last time this was asked. */
    async usage(): Promise<Usage> {
      const answer = child.next(Usage);
      child.send({ report: true });
      const usage = await answer;
      const before = databaseCpu;
      databaseCpu = await cpuMsOf(database);
      const known = before !== undefined && databaseCpu !== undefined;
      return { ...usage, databaseCpuMs: known ? (databaseCpu ?? 0) - (before ?? 0) : undefined };
    },
    async stop(): Promise<void> {
      agent.destroy();
      await child.stop();
    },
  };
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

function post(url: string, { agent, body }: { agent: Agent; body: string }): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      text(response).then((answer) => {
        if (response.statusCode === 202) resolve(answer);
        else reject(new Error(`The start was answered ${response.statusCode}: ${answer}`));
      }, reject);
    });
    sent.once('error', reject);
    sent.end(body);
  });
}
