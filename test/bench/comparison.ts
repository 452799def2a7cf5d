/**
 * A workflow of three steps, from start to result, in every system and made directly, by the same plain client with
 * kept connections. Every round measures each of them for a moment, beginning with another one, so that what else
 * runs on this machine hits all alike.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Load, loadOf, type Samples, takeSamples, timed } from './load.ts';
import { comparedClients, secondsEach, serviceDelaysMs } from './settings.ts';
import type { Systems } from './systems/all.ts';
import { leftOut } from './systems/all.ts';
import { askFor, type Way, waitFor } from './systems/asking.ts';
import { cpuOf } from './systems/process-tree.ts';
import { item, type System } from './systems/system.ts';

export interface Case {
  readonly delayMs: number;
  readonly clients: number;
}

export interface Compared extends Case, Load {
  readonly system: string;
  readonly way: Way;
  /** Milliseconds of all its processes for one execution. */
  readonly cpuMs: number;
}

interface Contestant {
  readonly system: System;
  readonly way: Way;
  run(delayMs: number): Promise<unknown>;
}

interface Round extends Samples {
  readonly cpuMs: number;
}

const rounds = Math.max(1, Math.round(secondsEach));
const warmUp = { clients: 8, seconds: Math.min(4, secondsEach) };
/** For what a system still does after its last answer. */
const settleMs = 100;

/** 10 ms first: what the figures name first. */
const cases: readonly Case[] = [...serviceDelaysMs]
  .reverse()
  .flatMap((delayMs) => comparedClients.map((clients) => ({ delayMs, clients })));

export async function compare(systems: Systems): Promise<Compared[]> {
  let running = contestantsOf(systems);
  const drop = (failed: Contestant, error: unknown): void => {
    if (!isPeer(failed)) throw error;
    leftOut(failed.system.name, String(error));
    running = running.filter(({ system }) => system !== failed.system);
  };
  for (const contestant of running)
    await prepare(contestant).catch((error: unknown) => drop(contestant, error));
  const compared: Compared[] = [];
  for (const each of cases) {
    const taken = new Map<Contestant, Round[]>();
    for (let round = 0; round < rounds; round++)
      for (const contestant of rotated(running, round))
        await measure(contestant, each).then(
          (measured) => taken.set(contestant, [...(taken.get(contestant) ?? []), measured]),
          (error: unknown) => drop(contestant, error),
        );
    compared.push(...running.map((contestant) => summary(contestant, each, taken.get(contestant) ?? [])));
    console.log(`  three steps, services in ${each.delayMs} ms, clients: ${each.clients}: measured`);
  }
  return compared;
}

const isPeer = ({ system }: Contestant): boolean =>
  system.name !== 'direct' && !system.name.startsWith('ours');

function contestantsOf({ direct, durable }: Systems): Contestant[] {
  const waiting = [direct, ...durable].map((system) => ({
    system,
    way: 'waiting' as const,
    run: (delayMs: number) => waitFor(system, delayMs),
  }));
  const asking = durable.map((system) => ({
    system,
    way: 'asking' as const,
    run: (delayMs: number) => askFor(system, delayMs),
  }));
  return [...waiting, ...asking];
}

/** What does not give the item back does not do the work. */
async function prepare({ system, run }: Contestant): Promise<void> {
  const answer = await waitFor(system, 0);
  if (!answer.includes(item)) throw new Error(`${system.name} answered ${answer}`);
  await takeSamples(warmUp, () => timed(() => run(0)));
}

const rotated = <T>(all: readonly T[], by: number): T[] => [
  ...all.slice(by % all.length),
  ...all.slice(0, by % all.length),
];

async function measure({ system, run }: Contestant, { delayMs, clients }: Case): Promise<Round> {
  await sleep(settleMs);
  const before = cpuOf(system.processes);
  const load = { clients, seconds: secondsEach / rounds };
  const samples = await takeSamples(load, () => timed(() => run(delayMs)));
  await sleep(settleMs);
  return { ...samples, cpuMs: cpuOf(system.processes) - before };
}

function summary({ system, way }: Contestant, each: Case, measured: readonly Round[]): Compared {
  const load = loadOf(measured);
  const cpuMs = measured.reduce((sum, round) => sum + round.cpuMs, 0) / load.count;
  return { system: system.name, way, ...each, ...load, cpuMs };
}
