/** Restate: its server, and the steps in a process with its SDK. A caller waits by a request that is answered at the end. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { type Child, startChild } from '../../system/child-process.ts';
import { freePort } from '../../system/free-port.ts';
import type { Skipped } from '../../system/on-demand.ts';
import { packagesOnDemand } from '../../system/packages-on-demand.ts';
import { createPlainClient, type PlainClient } from '../plain-client.ts';
import { type Running, startProgram } from './program.ts';
import { type DurableSystem, item } from './system.ts';
import { temporaryFolder } from './temporary-folder.ts';

const packages = ['@restatedev/restate-server@1.7.12', '@restatedev/restate-sdk@1.17.2'];

const Sent = z.object({ invocationId: z.string() });
/** Of the output of an invocation that has not ended. */
const notReady = 470;

export async function startRestate(peerPort: number): Promise<DurableSystem | Skipped> {
  const found = await packagesOnDemand('restate', packages);
  if ('skipped' in found) return found;
  const worker = await startWorker(found.folder, peerPort);
  const server = await startServer(found.folder).catch(async (error: unknown) => {
    await worker.stop();
    throw error;
  });
  const client = createPlainClient();
  const stop = async (): Promise<void> => {
    client.close();
    await server.stop();
    await worker.stop();
  };
  try {
    await client.post(`${server.admin}/deployments`, { uri: `http://127.0.0.1:${worker.port}` });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    name: 'Restate',
    isPeer: true,
    sync: 'synced before each acknowledgement, many at once (RocksDB, rocksdb-disable-wal-fsync = false)',
    processes: [server.pid, worker.pid ?? 0],
    ...asked(client, `${server.ingress}`),
    stop,
  };
}

function asked(client: PlainClient, ingress: string): Pick<DurableSystem, 'run' | 'start' | 'hasEnded'> {
  const handler = `${ingress}/bench/threeSteps`;
  let started = 0;
  return {
    run: (delayMs) => client.post(handler, { delayMs, item }),
    /** Only with a key is the output kept for those who ask later. */
    async start(delayMs) {
      const key = { 'idempotency-key': `execution-${started++}` };
      const answer = await client.post(`${handler}/send`, { delayMs, item }, key);
      return Sent.parse(JSON.parse(answer)).invocationId;
    },
    async hasEnded(id) {
      const { status, body } = await client.look(`${ingress}/restate/invocation/${id}/output`);
      if (status !== 200 && status !== notReady) throw new Error(`${id} ended with ${status}: ${body}`);
      return status === 200;
    },
  };
}

const startWorker = (folder: string, peerPort: number): Promise<Child> =>
  startChild({
    name: "Restate's worker",
    module: fileURLToPath(new URL('restate-worker.mjs', import.meta.url)),
    args: [folder, String(peerPort)],
    env: { NODE_ENV: 'production', RESTATE_LOGGING: 'ERROR' },
    typescript: true,
  });

type Server = Running & { readonly ingress: string; readonly admin: string };

async function startServer(folder: string): Promise<Server> {
  const binary = `@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`;
  const data = await temporaryFolder('restate');
  const [ingress, admin, node] = [await freePort(), await freePort(), await freePort()];
  const client = createPlainClient();
  const ready = async (): Promise<boolean> => {
    const health = await client.look(`http://127.0.0.1:${ingress}/restate/health`);
    return health.status === 200 && (await client.look(`http://127.0.0.1:${admin}/health`)).status === 200;
  };
  try {
    const running = await startProgram({
      name: 'Restate',
      command: join(folder, 'node_modules', binary),
      args: ['--no-logo'],
      env: environment({ data: data.path, ingress, admin, node }),
      ready,
    });
    const stop = async (): Promise<void> => {
      await running.stop();
      await data.remove();
    };
    return {
      pid: running.pid,
      ingress: `http://127.0.0.1:${ingress}`,
      admin: `http://127.0.0.1:${admin}`,
      stop,
    };
  } catch (error) {
    await data.remove();
    throw error;
  } finally {
    client.close();
  }
}

/** All but places and ports is left at its default. */
const environment = (at: { data: string; ingress: number; admin: number; node: number }) => ({
  RESTATE_BASE_DIR: at.data,
  RESTATE_BIND_IP: '127.0.0.1',
  RESTATE_LISTEN_MODE: 'tcp',
  RESTATE_BIND_PORT: String(at.node),
  RESTATE_INGRESS__BIND_PORT: String(at.ingress),
  RESTATE_ADMIN__BIND_PORT: String(at.admin),
  RESTATE_DISABLE_TELEMETRY: 'true',
  DO_NOT_TRACK: '1',
});
