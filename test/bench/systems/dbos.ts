/** DBOS: its library in the process of the steps, on a Postgres of its own. A caller waits by `handle.getResult()`. */
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { type Child, startChild } from '../../system/child-process.ts';
import { type Skipped, skipped } from '../../system/on-demand.ts';
import { packagesOnDemand } from '../../system/packages-on-demand.ts';
import { createPlainClient } from '../plain-client.ts';
import { hasPostgres, startPostgres } from './postgres.ts';
import { type DurableSystem, item } from './system.ts';

const packages = ['@dbos-inc/dbos-sdk@5.3.0'];

const Started = z.object({ id: z.string() });
const Status = z.object({ status: z.string() });
const running: readonly string[] = ['PENDING', 'ENQUEUED'];

export async function startDbos(peerPort: number): Promise<DurableSystem | Skipped> {
  if (!(await hasPostgres())) return skipped('DBOS needs initdb and postgres on the PATH');
  const found = await packagesOnDemand('dbos', packages);
  if ('skipped' in found) return found;
  const postgres = await startPostgres();
  const worker = await startWorker([found.folder, postgres.url, String(peerPort)]).catch(
    async (error: unknown) => {
      await postgres.stop();
      throw error;
    },
  );
  const client = createPlainClient();
  const base = `http://127.0.0.1:${worker.port}`;
  return {
    name: 'DBOS',
    isPeer: true,
    sync: 'synced before each acknowledgement (Postgres, synchronous_commit = on)',
    processes: [postgres.pid, worker.pid ?? 0],
    run: (delayMs) => client.post(`${base}/calls`, { delayMs, item }),
    async start(delayMs) {
      return Started.parse(JSON.parse(await client.post(`${base}/executions`, { delayMs, item }))).id;
    },
    async hasEnded(id) {
      const { status } = Status.parse(JSON.parse(await client.get(`${base}/executions/${id}`)));
      if (status !== 'SUCCESS' && !running.includes(status)) throw new Error(`${id} ended ${status}`);
      return status === 'SUCCESS';
    },
    async stop() {
      client.close();
      await worker.stop();
      await postgres.stop();
    },
  };
}

const startWorker = (args: readonly string[]): Promise<Child> =>
  startChild({
    name: "DBOS's worker",
    module: fileURLToPath(new URL('dbos-worker.mjs', import.meta.url)),
    args,
    env: { NODE_ENV: 'production' },
    typescript: true,
  });
