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
  const field = new Field(contestantsOf(systems));
  await field.inTurn(0, prepare);
  const compared: Compared[] = [];
  for (const each of cases) {
    const taken: { contestant: Contestant; round: Round }[] = [];
    for (let round = 0; round < rounds; round++)
      await field.inTurn(round, async (contestant) => {
        taken.push({ contestant, round: await measure(contestant, each) });
      });
    compared.push(...field.contestants.map((contestant) => summary(contestant, each, taken)));
    console.log(`  three steps, services in ${each.delayMs} ms, clients: ${each.clients}: measured`);
  }
  return compared;
}

/** Who takes part. Another system that fails is left out from then on; ours, or the direct calls, end the run. */
class Field {
  contestants: readonly Contestant[];

  constructor(contestants: readonly Contestant[]) {
    this.contestants = contestants;
  }

  /** One after the other, beginning with another one each time. */
  async inTurn(time: number, act: (contestant: Contestant) => Promise<void>): Promise<void> {
    const first = time % this.contestants.length;
    const turns = [...this.contestants.slice(first), ...this.contestants.slice(0, first)];
    for (const contestant of turns) {
      if (!this.contestants.includes(contestant)) continue;
      await act(contestant).catch((error: unknown) => this.#leaveOut(contestant, error));
    }
  }

  #leaveOut({ system }: Contestant, error: unknown): void {
    if (!system.isPeer) throw error;
    leftOut(system.name, String(error));
    this.contestants = this.contestants.filter((each) => each.system !== system);
  }
}

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

async function measure({ system, run }: Contestant, { delayMs, clients }: Case): Promise<Round> {
  await sleep(settleMs);
  const before = cpuOf(system.processes);
  const load = { clients, seconds: secondsEach / rounds };
  const samples = await takeSamples(load, () => timed(() => run(delayMs)));
  await sleep(settleMs);
  return { ...samples, cpuMs: cpuOf(system.processes) - before };
}

function summary(
  contestant: Contestant,
  each: Case,
  taken: readonly { contestant: Contestant; round: Round }[],
): Compared {
  const measured = taken.filter((one) => one.contestant === contestant).map(({ round }) => round);
  const load = loadOf(measured);
  const cpuMs = measured.reduce((sum, round) => sum + round.cpuMs, 0) / load.count;
  return { system: contestant.system.name, way: contestant.way, ...each, ...load, cpuMs };
}
