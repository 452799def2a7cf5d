/** The orchestrator as `npm start` runs it, its parent included, with nothing added to it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { ended, StartCommand } from '../../system/start-command.ts';
import { createPlainClient } from '../plain-client.ts';
import { manifestFor, workflowFor } from '../three-steps.ts';
import { endedWithDriver } from './program.ts';
import { type DurableSystem, item } from './system.ts';
import { removedWithDriver } from './temporary-folder.ts';

type Durability = 'process' | 'disk';

export const oursName = 'ours';

const names: Readonly<Record<Durability, string>> = {
  process: oursName,
  disk: `${oursName}, DURABILITY=disk`,
};

const syncs: Readonly<Record<Durability, string>> = {
  process: 'outlives every process; a power cut may lose the last 100 ms',
  disk: 'synced before each acknowledgement',
};

const Accepted = z.object({ workflowId: z.string() });
const Status = z.object({ status: z.string() });

export interface Ours extends DurableSystem {
  readonly dataDir: string;
  readonly manifest: string;
  /** Ends it and keeps its data, which go with `stop`. */
  end(): Promise<void>;
}

export async function startOurs({
  peerPort,
  durability = 'process',
}: {
  peerPort: number;
  durability?: Durability;
}): Promise<Ours> {
  const command = await StartCommand.prepare('with-parent');
  const left = removedWithDriver(command.folder);
  const manifest = join(command.folder, 'manifest.yaml');
  await writeFile(manifest, JSON.stringify(manifestFor(peerPort)));
  const { child, endpoints } = await command.started({
    ORCHESTRATOR_MANIFEST: manifest,
    DURABILITY: durability,
  });
  const alive = endedWithDriver(() => child.kill('SIGKILL'));
  const client = createPlainClient();
  const executions = `${endpoints.api}/v1/executions`;
  const wanted = (delayMs: number) => ({ workflow: workflowFor(delayMs), input: { item } });
  const end = async (): Promise<void> => {
    client.close();
    alive.release();
    child.kill('SIGTERM');
    await ended(child);
  };
  return {
    name: names[durability],
    sync: syncs[durability],
    processes: [child.pid ?? 0],
    dataDir: command.data(),
    manifest,
    run: (delayMs) => client.post(`${endpoints.api}/v1/workflow-calls`, wanted(delayMs)),
    async start(delayMs) {
      return Accepted.parse(JSON.parse(await client.post(executions, wanted(delayMs)))).workflowId;
    },
    async hasEnded(id) {
      const { status } = Status.parse(JSON.parse(await client.get(`${executions}/${id}`)));
      if (status !== 'SUCCEEDED' && status !== 'RUNNING') throw new Error(`${id} ended ${status}`);
      return status === 'SUCCEEDED';
    },
    end,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) await end();
      left.release();
      await command.close();
    },
  };
}
