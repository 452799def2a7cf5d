/**
 * `npm run bench`: prints what the orchestrator costs on this machine, as ratios where there is something to
 * compare with, and the aims beside what was measured. A report, not a test: it never fails on a number.
 */
import { availableParallelism, loadavg } from 'node:os';
import * as z from 'zod';
import { type BareEngine, bareEngineAims, measureBareEngine, printBareEngine } from './bare-engine.ts';
import { BenchProcess } from './child.ts';
import { type Cost, measureCost, perExecution, printCost } from './cost-per-execution.ts';
import { type Orchestrator, startOrchestrator } from './orchestrator.ts';
import { measureRegistry, p99Ratio, printRegistry, type RegistryBench } from './registry.ts';
import { printRequests } from './requests.ts';
import { secondsEach } from './settings.ts';
import { measureStartsAtOnce, printStartsAtOnce } from './starts-at-once.ts';
import { type Cell, printTable } from './table.ts';
import { printToolSearch } from './tool-search.ts';
import { type Comparison, compareWithDirect, printComparisons, times } from './workflow-against-direct.ts';

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

async function main(): Promise<void> {
  const began = performance.now();
  console.log(
    `Node ${process.version}, ${availableParallelism()} cores, ${secondsEach} s a measurement. Driver with the ` +
      'direct calls, the orchestrator with its database, and the called service are three processes on this machine.',
  );
  warnOfLoad();
  const peer = new BenchProcess(new URL('./peer-process.ts', import.meta.url));
  try {
    const { peerPort } = await peer.next(z.object({ peerPort: z.number() }));
    const orchestrator = await startOrchestrator(peerPort);
    const measured = await measureAll(orchestrator, peerPort).finally(() => orchestrator.stop());
    printToolSearch();
    const engine = await measureBareEngine();
    printBareEngine(engine);
    const registry = await measureRegistry();
    printRegistry(registry);
    printAims(measured, engine, registry);
  } finally {
    await peer.stop();
  }
  console.log(`\nTook ${((performance.now() - began) / 1000).toFixed(0)} s.`);
}

/** What else runs here takes its time from the orchestrator and from the direct calls in unequal parts. */
function warnOfLoad(): void {
  const [load = 0] = loadavg();
  if (load > availableParallelism() / 4)
    console.log(
      `This machine is busy with other things (load average ${load.toFixed(2)}): the figures are too high.`,
    );
}

interface Measured {
  readonly comparisons: readonly Comparison[];
  readonly cost: Cost;
}

async function measureAll(orchestrator: Orchestrator, peerPort: number): Promise<Measured> {
  const comparisons = await compareWithDirect({ orchestrator, peerPort });
  printComparisons(comparisons);
  await printRequests(orchestrator);
  printStartsAtOnce(await measureStartsAtOnce(orchestrator));
  const cost = await measureCost(orchestrator, Math.ceil(secondsEach * 20));
  printCost(cost);
  return { comparisons, cost };
}

function printAims({ comparisons, cost }: Measured, engine: BareEngine, registry: RegistryBench): void {
  const writes = perExecution(cost, 'write');
  printTable(
    'Aims',
    ['aim', 'bound', 'measured', 'met'],
    [
      latencyAim(comparisons, { delayMs: 10, atMost: 1.4 }),
      latencyAim(comparisons, { delayMs: 0, atMost: 20 }),
      ['writes of an execution of three steps: 2 + 3', 5, writes, yesOrNo(writes <= 5)],
      ...bareEngineAims(engine),
      discoveryAim(registry),
    ],
  );
}

function discoveryAim(registry: RegistryBench): Cell[] {
  const ratio = p99Ratio(registry, 'discover_service');
  return [
    'p99 of discover_service, full registry against one service',
    times(3),
    times(ratio),
    yesOrNo(ratio <= 3),
  ];
}

function latencyAim(
  comparisons: readonly Comparison[],
  { delayMs, atMost }: { delayMs: number; atMost: number },
) {
  const found = comparisons.find((each) => each.delayMs === delayMs && each.clients === 1);
  const ratio = found ? found.workflow.p50 / found.direct.p50 : Number.NaN;
  return [
    `p50 against direct calls, ${delayMs} ms services, 1 client`,
    times(atMost),
    times(ratio),
    yesOrNo(ratio <= atMost),
  ];
}

const yesOrNo = (met: boolean): string => (met ? 'yes' : 'no');

await main();
