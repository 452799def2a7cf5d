/**
 * `npm run bench`: prints what the orchestrator costs on this machine, as ratios where there is something to
 * compare with, and the aims beside what was measured. A report, not a test: it never fails on a number.
 */
import { availableParallelism, loadavg } from 'node:os';
import * as z from 'zod';
import { type BareEngine, bareEngineAims, measureBareEngine, printBareEngine } from './bare-engine.ts';
import { BenchProcess } from './child.ts';
import { compare } from './comparison.ts';
import { comparisonHead, comparisonRows } from './comparison-table.ts';
import { type Cost, measureCost, perExecution, printCost } from './cost-per-execution.ts';
import { type Figures, figureRows, figuresHead, yesOrNo } from './figures.ts';
import { type Health, healthAims, measureHealth, printHealth } from './health/health.ts';
import { type Lifecycle, lifecycleAims, measureLifecycle, printLifecycle } from './lifecycle/lifecycle.ts';
import { measureMany, printMany } from './many-executions.ts';
import { measureObserving, type Observing, observingAims, printObserving } from './observing-cost.ts';
import { startOrchestrator } from './orchestrator.ts';
import { measureRegistry, p99Ratio, printRegistry, type RegistryBench } from './registry.ts';
import { printRequests } from './requests.ts';
import { secondsEach } from './settings.ts';
import { measureStartsAtOnce, printStartsAtOnce } from './starts-at-once.ts';
import { type Systems, startSystems } from './systems/all.ts';
import { type Cell, markdownTable, printTable, times } from './table.ts';
import { printToolSearch } from './tool-search.ts';

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

// What this process started is ended with it.
for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143 }))
  process.once(signal, () => process.exit(code));

async function main(): Promise<void> {
  const began = performance.now();
  const load = loadAverage();
  console.log(`${machine}, ${secondsEach} s a measurement, load average ${load} before it.`);
  warnOfLoad();
  const peer = new BenchProcess(new URL('./peer-process.ts', import.meta.url));
  try {
    const { peerPort } = await peer.next(z.object({ peerPort: z.number() }));
    const figures = await measureFigures(peerPort);
    const cost = await measureInside(peerPort);
    const observing = await measureObserving(peerPort);
    printObserving(observing);
    printToolSearch();
    const engine = await measureBareEngine();
    printBareEngine(engine);
    const registry = await measureRegistry();
    printRegistry(registry);
    const lifecycle = await measureLifecycle();
    printLifecycle(lifecycle);
    const health = await measureHealth();
    printHealth(health);
    printAims(figures, { cost, observing, engine, registry, lifecycle, health });
    printMarkdown(figures, load);
  } finally {
    await peer.stop();
  }
  console.log(`\nTook ${((performance.now() - began) / 1000).toFixed(0)} s.`);
}

const machine = `Node ${process.version}, ${availableParallelism()} cores`;
const loadAverage = (): string => (loadavg()[0] ?? 0).toFixed(1);

/** What else runs here takes its time from the orchestrator and from the direct calls in unequal parts. */
function warnOfLoad(): void {
  const [load = 0] = loadavg();
  if (load > availableParallelism() / 4)
    console.log('This machine is busy with other things: the figures are too high.');
}

/** From outside: every system as its user has it. */
async function measureFigures(peerPort: number): Promise<Figures> {
  const systems = await startSystems(peerPort);
  const compared = await measureInTurns(systems).finally(() => systems.stop());
  const many = await measureMany(peerPort);
  printMany(many);
  return { ...compared, many };
}

async function measureInTurns(systems: Systems): Promise<Pick<Figures, 'compared' | 'bursts'>> {
  const compared = await compare(systems);
  printTable(
    '1. Three steps, from start to result, in turns; CPU of all processes of a system for one execution',
    comparisonHead,
    comparisonRows(compared),
  );
  for (const { name, sync } of systems.durable) console.log(`  ${name}: ${sync}`);
  const bursts = await measureStartsAtOnce(systems.durable);
  printStartsAtOnce(bursts);
  return { compared, bursts };
}

/** The orchestrator with what watches its requests. */
async function measureInside(peerPort: number): Promise<Cost> {
  const orchestrator = await startOrchestrator(peerPort);
  try {
    await printRequests(orchestrator, peerPort);
    const cost = await measureCost(orchestrator, Math.ceil(secondsEach * 20));
    printCost(cost);
    return cost;
  } finally {
    await orchestrator.stop();
  }
}

interface Others {
  readonly cost: Cost;
  readonly observing: Observing;
  readonly engine: BareEngine;
  readonly registry: RegistryBench;
  readonly lifecycle: Lifecycle;
  readonly health: Health;
}

function printAims(figures: Figures, { cost, observing, engine, registry, lifecycle, health }: Others): void {
  printTable('Figures', figuresHead(figures), figureRows(figures));
  const writes = perExecution(cost, 'write');
  printTable(
    'Other aims',
    ['aim', 'bound', 'measured', 'met'],
    [
      ['writes of an execution of three steps: 2 + 3', 5, writes, yesOrNo(writes <= 5)],
      ...observingAims(observing),
      ...bareEngineAims(engine),
      discoveryAim(registry),
      ...lifecycleAims(lifecycle),
      ...healthAims(health),
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

/** For docs/benchmark.md, between its two marks. */
function printMarkdown(figures: Figures, load: string): void {
  console.log(`
<!-- figures: begin -->

${machine}; load average ${load} before the run, ${loadAverage()} at its end.

${markdownTable(figuresHead(figures), figureRows(figures))}

${markdownTable(comparisonHead, comparisonRows(figures.compared))}

<!-- figures: end -->`);
}

await main();
