/** Everything that is measured of instances which are started and stopped, with the aims. */
import { yesOrNo } from '../figures.ts';
import { secondsEach } from '../settings.ts';
import { type Cell, markdownTable, printTable, times } from '../table.ts';
import { measureGraphStart } from './graph-start.ts';
import {
  measureReconcile,
  printReconcile,
  type ReconcileCost,
  reconcileHead,
  reconcileRows,
} from './reconcile-cost.ts';
import { measureReplacement } from './replacement.ts';
import { type Calls, measureRollingRestart, type RollingRestart } from './rolling-restart.ts';
import { type Memory, measureRunnerMemory, type RunnerMemory } from './runner-memory.ts';
import { longest, median, type Took } from './took.ts';
import { measureWake } from './wake.ts';

const starts = Math.max(5, Math.ceil(secondsEach * 4));
const graphStarts = Math.max(3, Math.ceil(secondsEach));
/** As a service that has something to load before it listens. */
const loadsForMs = 500;

export interface Lifecycle {
  readonly reconcile: readonly ReconcileCost[];
  readonly replacement: Took;
  readonly graph: Took;
  /** Of services that load for half a second. */
  readonly slowGraph: Took;
  readonly wake: Took;
  readonly restart: RollingRestart;
  readonly memory: RunnerMemory;
}

export const measureLifecycle = async (): Promise<Lifecycle> => ({
  reconcile: await measureReconcile(),
  replacement: await measureReplacement(starts),
  graph: await measureGraphStart(graphStarts, 0),
  slowGraph: await measureGraphStart(graphStarts, loadsForMs),
  wake: await measureWake(starts),
  restart: await measureRollingRestart(secondsEach),
  memory: await measureRunnerMemory(),
});

const ms = (value: number): string => `${value.toFixed(0)} ms`;

const tookHead = ['', 'times', 'median ms', 'max ms', 'by itself ms', 'more ms'];

const tookRows = ({ replacement, graph, slowGraph, wake }: Lifecycle): Cell[][] => [
  tookRow('a killed instance, until another one is healthy', replacement),
  tookRow('start of 8 services that require each other', graph),
  tookRow(`the same, each of which loads for ${loadsForMs} ms`, slowGraph),
  tookRow('a call that wakes its service, until its answer', wake),
];

const tookRow = (what: string, took: Took): Cell[] => [
  what,
  took.ms.length,
  median(took.ms),
  longest(took.ms),
  median(took.own),
  more(took),
];

const more = ({ ms: all, own }: Took): number => median(all) - median(own);

const callsHead = ['100 POSTs a second', 'calls', 'failed', 'p50 ms', 'p99 ms'];

const callsRows = ({ restart: { before, during } }: Lifecycle): Cell[][] => [
  callsRow('before', before),
  callsRow('during a rolling restart of 3 instances', during),
];

const callsRow = (what: string, { count, failed, p50, p99 }: Calls): Cell[] => [
  what,
  count + failed,
  failed,
  p50,
  p99,
];

const memoryHead = ['runner of one instance', 'RSS MB', 'PSS MB'];

const memoryRows = ({ memory: { http, stdio } }: Lifecycle): Cell[][] => [
  memoryRow('of a service over HTTP', http),
  memoryRow('of a service over stdio, with its bridge', stdio),
];

const memoryRow = (what: string, { resident, proportional }: Memory): Cell[] => [
  what,
  resident / 1e6,
  proportional / 1e6,
];

export function printLifecycle(measured: Lifecycle): void {
  printReconcile(measured.reconcile);
  printTable('9. Instances as processes', tookHead, tookRows(measured));
  printTable('10. Calls while instances are replaced', callsHead, callsRows(measured));
  printTable('11. Memory', memoryHead, memoryRows(measured));
}

export function lifecycleAims({
  reconcile,
  replacement,
  graph,
  slowGraph,
  wake,
  restart,
}: Lifecycle): Cell[][] {
  const writes = Math.max(...reconcile.map(({ probed, unprobed }) => probed.writes + unprobed.writes));
  const ratioOf = ({ ms: all, own }: Took): number => median(all) / median(own);
  return [
    ['writes of a look at instances that have not changed', 0, writes, yesOrNo(writes === 0)],
    [
      'a replacement is healthy, above its own start',
      ms(1000),
      ms(more(replacement)),
      yesOrNo(more(replacement) <= 1000),
    ],
    [
      'start of 8 services, against the longest path',
      times(1.3),
      times(ratioOf(graph)),
      yesOrNo(ratioOf(graph) <= 1.3),
    ],
    [
      `the same, each of which loads for ${loadsForMs} ms`,
      times(1.3),
      times(ratioOf(slowGraph)),
      yesOrNo(ratioOf(slowGraph) <= 1.3),
    ],
    ['wake from zero, above its own start', ms(300), ms(more(wake)), yesOrNo(more(wake) <= 300)],
    [
      'calls that fail during a rolling restart',
      0,
      restart.during.failed,
      yesOrNo(restart.during.failed === 0),
    ],
  ];
}

/** For docs/benchmark.md. */
export const lifecycleMarkdown = (measured: Lifecycle): string =>
  [
    markdownTable(reconcileHead, reconcileRows(measured.reconcile)),
    markdownTable(tookHead, tookRows(measured)),
    markdownTable(callsHead, callsRows(measured)),
    markdownTable(memoryHead, memoryRows(measured)),
  ].join('\n\n');
