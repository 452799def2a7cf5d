/** Starts all that is compared. A system of others that cannot be had here is left out, and it is said why. */
import type { Skipped } from '../../system/on-demand.ts';
import { measuresPeers } from '../settings.ts';
import { startDbos } from './dbos.ts';
import { directCalls } from './direct.ts';
import { startOurs } from './ours.ts';
import { startRestate } from './restate.ts';
import type { DurableSystem, System } from './system.ts';

export interface Systems {
  readonly direct: System;
  readonly durable: readonly DurableSystem[];
  stop(): Promise<void>;
}

type Start = (peerPort: number) => Promise<DurableSystem | Skipped>;

const peers: Readonly<Record<string, Start>> = { Restate: startRestate, DBOS: startDbos };

export async function startSystems(peerPort: number): Promise<Systems> {
  const direct = directCalls(peerPort);
  const durable: DurableSystem[] = [];
  const stop = async (): Promise<void> => {
    for (const system of [direct, ...durable]) await system.stop();
  };
  try {
    durable.push(await startOurs({ peerPort }));
    durable.push(await startOurs({ peerPort, durability: 'disk' }));
    durable.push(...(await startPeers(peerPort)));
    return { direct, durable, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startPeers(peerPort: number): Promise<DurableSystem[]> {
  const started: DurableSystem[] = [];
  if (!measuresPeers) {
    leftOut(Object.keys(peers).join(' and '), 'this run is a short one; BENCH_PEERS=on measures them');
    return started;
  }
  for (const [name, start] of Object.entries(peers)) {
    const system = await start(peerPort).catch((error: unknown) => ({ skipped: String(error) }));
    if ('skipped' in system) leftOut(name, system.skipped);
    else started.push(system);
  }
  leftOut('Temporal', 'its development server is part of a CLI that no package registry has');
  return started;
}

export const leftOut = (name: string, reason: string): void => console.log(`${name}: left out, ${reason}`);
