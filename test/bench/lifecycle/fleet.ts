/** Services with real processes behind them, as a user of the REST API has them. */
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { type Door, restDoor } from '../../system/clients.ts';
import {
  changeIn,
  changeThrough,
  type drivenService,
  instanceThrough,
} from '../../system/driven-services.ts';
import { BenchProcess } from '../child.ts';
import { profileFolder } from '../settings.ts';

const Started = z.object({ endpoints: z.object({ api: z.string(), mcp: z.string() }) });
const lookEveryMs = 10;
const boundMs = 60_000;

export interface Fleet {
  /** Rejects for what is refused. */
  ask(operation: string, input: Record<string, unknown>): Promise<Record<string, unknown>>;
  readonly door: Door;
  stop(): Promise<void>;
}

export async function startFleet(services: readonly ReturnType<typeof drivenService>[]): Promise<Fleet> {
  const child = new BenchProcess(new URL('./fleet-process.ts', import.meta.url), {
    args: [JSON.stringify(services)],
    nodeOptions: profileFolder ? ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`] : [],
  });
  const { endpoints } = await child.next(Started);
  const door = restDoor(endpoints);
  return {
    door,
    async ask(operation, input) {
      const { code, body } = await door(operation, input);
      if (code !== undefined) throw new Error(`${operation} answered ${code}: ${JSON.stringify(body)}`);
      return body;
    },
    stop: () => child.stop(),
  };
}

/** What it gives as soon as that is something. */
export async function soon<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (const end = performance.now() + boundMs; performance.now() < end; await sleep(lookEveryMs)) {
    const seen = await look();
    if (seen !== undefined) return seen;
  }
  throw new Error(`It did not happen within ${boundMs / 1000} s`);
}

/** Resolves when the change has succeeded. */
export async function carriedOut(
  { ask, door }: Fleet,
  operation: string,
  input: Record<string, unknown>,
): Promise<void> {
  const { changeId } = changeIn(await ask(operation, input));
  const { status, why } = await soon(async () => {
    const change = await changeThrough(door, changeId);
    return ['WAITING', 'RUNNING'].includes(change.status) ? undefined : change;
  });
  if (status !== 'SUCCEEDED') throw new Error(`${operation} ended ${status}: ${why}`);
}

type Shown = Awaited<ReturnType<typeof instanceThrough>>;

/** The instance as soon as calls may go to it, after so many starts. */
export const healthyInstance = ({ door }: Fleet, service: string, starts = 1): Promise<Shown> =>
  soon(async () => {
    const shown = await instanceThrough(door, service, `${service}-1`).catch(() => undefined);
    const isReady = shown?.state === 'RUNNING' && shown.health === 'HEALTHY';
    return isReady && shown.lifecycle.starts >= starts ? shown : undefined;
  });
