/**
 * What observing costs: executions of three steps one after the other, on a system that counts calls and executions and on
 * one that does not (`USAGE=off`), in turns.
 */
import { type Cost, measureCost } from './cost-per-execution.ts';
import { yesOrNo } from './figures.ts';
import { type Orchestrator, startOrchestrator } from './orchestrator.ts';
import { secondsEach } from './settings.ts';
import { type Cell, printTable } from './table.ts';

interface Side {
  /** Milliseconds of CPU for one execution, the median of all turns. */
  readonly cpuMs: number;
  readonly totalMs: number;
  /** Requests that each execution makes. */
  readonly requests: number;
}

export interface Observing {
  readonly on: Side;
  readonly off: Side;
  /** CPU of what is counted for each of what is not, of two turns one after the other: the median of all. */
  readonly ratio: number;
}

const turns = 40;
const executionsEach = Math.ceil(secondsEach * 6);

export async function measureObserving(peerPort: number): Promise<Observing> {
  const on = await startOrchestrator(peerPort, { usage: 'on' });
  const off = await startOrchestrator(peerPort, { usage: 'off' }).catch(async (error: unknown) => {
    await on.stop();
    throw error;
  });
  try {
    return await inTurns(on, off);
  } finally {
    await Promise.all([on.stop(), off.stop()]);
  }
}

/** What else the machine does meanwhile, and what a process has warmed up, is in both. */
async function inTurns(on: Orchestrator, off: Orchestrator): Promise<Observing> {
  for (const each of [on, off]) await measureCost(each, executionsEach);
  const costs: { on: Cost[]; off: Cost[] } = { on: [], off: [] };
  for (let turn = 0; turn < turns; turn++) {
    const sides = [
      ['on', on],
      ['off', off],
    ] as const;
    for (const [side, orchestrator] of turn % 2 === 0 ? sides : sides.toReversed())
      costs[side].push(await measureCost(orchestrator, executionsEach));
  }
  const ratios = costs.on.map(
    (cost, turn) => cost.usage.cpuMs / (costs.off[turn]?.usage.cpuMs ?? Number.NaN),
  );
  return { on: sideOf(costs.on), off: sideOf(costs.off), ratio: median(ratios) };
}

const sideOf = (costs: readonly Cost[]): Side => ({
  cpuMs: median(costs.map(({ usage, executions }) => usage.cpuMs / executions)),
  totalMs: median(costs.map(({ totalMs }) => totalMs)),
  requests: median(costs.map(requestsOfEach)),
});

/** What is done less often than once for each execution is of schedules, or writes counts. */
const requestsOfEach = ({ usage, executions }: Cost): number =>
  Object.entries(usage.phases)
    .filter(([phase, { count }]) => /^(read|write):/.test(phase) && count >= executions)
    .reduce((sum, [, { count }]) => sum + count, 0) / executions;

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export function printObserving({ on, off }: Observing): void {
  printTable(
    'What observing costs: one execution of three steps, counted and not (USAGE=off), in turns',
    ['per execution', 'counted', 'not counted'],
    [
      ['CPU ms, median of turns', on.cpuMs, off.cpuMs],
      ['ms from start to end', on.totalMs, off.totalMs],
      ['requests to DynamoDB of each', on.requests, off.requests],
    ],
  );
}

export function observingAims({ on, off, ratio }: Observing): Cell[][] {
  const percent = (ratio - 1) * 100;
  const more = on.requests - off.requests;
  return [
    [
      'CPU of three steps that are counted, more than of others',
      '3 %',
      `${percent.toFixed(1)} %`,
      yesOrNo(percent <= 3),
    ],
    ['requests of three steps that are counted, more than of others', 0, more, yesOrNo(more <= 0)],
  ];
}
