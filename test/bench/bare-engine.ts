/**
 * The Step Functions engine alone. Each figure comes from a fresh process in which a driver beside the engine
 * starts executions without HTTP, which would cost more than what it is to measure; functions answer at once.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as z from 'zod';
import { BenchProcess } from './child.ts';
import {
  Compaction,
  Ended,
  MapCost,
  Recovery,
  type Scenario,
  Throughput,
  Waiting,
} from './engine-scenarios.ts';
import { profileFolder, secondsEach } from './settings.ts';
import { type Cell, printTable } from './table.ts';

/** The full counts are those of five seconds a measurement, and never exceeded. */
const scaled = (count: number): number => Math.ceil(count * Math.min(1, secondsEach / 5));
const waitingCount = scaled(10_000);
const mapItems = scaled(1_000);
const journalBytes = scaled(100 << 20);
const endedCount = scaled(100_000);

export interface BareEngine {
  readonly memory: z.infer<typeof Throughput>;
  readonly journalled: z.infer<typeof Throughput>;
  readonly waiting: z.infer<typeof Waiting>;
  readonly recovery: z.infer<typeof Recovery>;
  readonly map: z.infer<typeof MapCost>;
  readonly compaction: z.infer<typeof Compaction>;
  readonly ended: z.infer<typeof Ended>;
}

async function inProcess<T>(scenario: Scenario, shape: z.ZodType<T>): Promise<T> {
  const child = new BenchProcess(new URL('./engine-process.ts', import.meta.url), {
    args: [JSON.stringify(scenario)],
    nodeOptions: profileFolder ? ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`] : [],
  });
  try {
    return await child.next(shape);
  } finally {
    await child.stop();
  }
}

export async function measureBareEngine(): Promise<BareEngine> {
  const folder = await mkdtemp(join(tmpdir(), 'engine-bench-'));
  const file = (name: string): string => join(folder, name);
  try {
    const seconds = secondsEach;
    const waitingFile = file('waiting');
    return {
      memory: await inProcess({ kind: 'throughput', seconds }, Throughput),
      journalled: await inProcess({ kind: 'throughput', seconds, journalFile: file('runs') }, Throughput),
      waiting: await inProcess({ kind: 'waiting', count: waitingCount, journalFile: waitingFile }, Waiting),
      recovery: await inProcess(
        { kind: 'recovery', count: waitingCount, journalFile: waitingFile },
        Recovery,
      ),
      map: await inProcess({ kind: 'map', items: mapItems, journalFile: file('map') }, MapCost),
      compaction: await inProcess(
        { kind: 'compaction', bytes: journalBytes, journalFile: file('compaction') },
        Compaction,
      ),
      ended: await inProcess({ kind: 'ended', count: endedCount, journalFile: file('ended') }, Ended),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const megabytes = (bytes: number): number => bytes / (1 << 20);
const many = (count: number): string => count.toLocaleString('en');

export function printBareEngine({
  memory,
  journalled,
  waiting,
  recovery,
  map,
  compaction,
  ended,
}: BareEngine): void {
  printTable(
    '6. The Step Functions engine alone, driven in its own process without HTTP, functions answer at once',
    ['three Task states, 64 at a time', 'executions per s', 'CPU µs per state'],
    [
      ['in memory', memory.perSecond, memory.cpuUsPerState],
      ['journalled', journalled.perSecond, journalled.cpuUsPerState],
    ],
  );
  printTable(
    'The same, journalled',
    ['what', 'measured'],
    [
      [
        `RSS for ${many(waiting.count)} waiting executions above the idle engine, MB`,
        megabytes(waiting.rssBytes),
      ],
      ['the same after garbage collection, MB', megabytes(waiting.collectedBytes)],
      [`recovery until all ${many(recovery.running)} wait again and the API answers, ms`, recovery.ms],
      [`Map of ${many(map.items)} tasks: ms`, map.ms],
      ['CPU ms', map.cpuMs],
      ['events in its history', map.events],
      [
        `compaction of ${megabytes(compaction.before).toFixed(0)} MB while running: MB after it`,
        megabytes(compaction.after),
      ],
      ['ms', compaction.ms],
      ['longest stall of the event loop, ms', compaction.longestStallMs],
      ['longest stall under the same load before it, ms', compaction.usualStallMs],
      [
        `memory from ${many(ended.count / 5)} to ${many(ended.count)} ended executions, MB more`,
        megabytes(ended.grownBytes),
      ],
      ['opening what they left, ms', ended.openMs],
      ['a start beside them, µs', ended.startUs],
    ],
  );
}

/** Rows of the aims: what, the aim, what was measured, and whether it was met. */
export function bareEngineAims({ memory, journalled, waiting, recovery, compaction }: BareEngine): Cell[][] {
  const cpu = Math.max(memory.cpuUsPerState, journalled.cpuUsPerState);
  const rss = megabytes(waiting.rssBytes);
  const yesOrNo = (met: boolean): string => (met ? 'yes' : 'no');
  const full = waiting.count === 10_000;
  return [
    [
      'engine in memory: executions per s, at least',
      2_000,
      memory.perSecond,
      yesOrNo(memory.perSecond >= 2_000),
    ],
    [
      'engine journalled: executions per s, at least',
      1_000,
      journalled.perSecond,
      yesOrNo(journalled.perSecond >= 1_000),
    ],
    ['engine: CPU µs per state', 150, cpu, yesOrNo(cpu <= 150)],
    ['10,000 waiting: MB', 300, full ? rss : undefined, full ? yesOrNo(rss <= 300) : '-'],
    [
      '10,000 waiting: recovered in ms',
      5_000,
      full ? recovery.ms : undefined,
      full ? yesOrNo(recovery.ms <= 5_000) : '-',
    ],
    [
      'compaction: longest stall in ms',
      50,
      compaction.longestStallMs,
      yesOrNo(compaction.longestStallMs <= 50),
    ],
  ];
}
