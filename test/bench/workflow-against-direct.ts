/**
 * A workflow of three steps against the same three calls made directly, with the same client, connections
 * reused. A run begins when the client sends its request and ends when the write that records its end is
 * acknowledged; the client does not poll. Direct calls run in the driver, the orchestrator in its own process.
 */
import { loopbackNetworks } from '../../src/clients/address-policy.ts';
import { createServiceCaller, type ServiceCaller } from '../../src/clients/service-caller.ts';
import { type Load, measureLoad } from './load.ts';
import { epochMs, type Orchestrator, type Usage } from './orchestrator.ts';
import { clientCounts, secondsEach, serviceDelaysMs, serviceFor, tool } from './settings.ts';
import { printTable } from './table.ts';

export interface Comparison {
  readonly delayMs: number;
  readonly clients: number;
  readonly direct: Load;
  readonly workflow: Load;
  readonly usage: Usage;
}

export interface Measured {
  readonly orchestrator: Orchestrator;
  readonly peerPort: number;
}

export async function compareWithDirect(measured: Measured): Promise<Comparison[]> {
  const caller = createServiceCaller({ egress: { allowedNetworks: loopbackNetworks } });
  try {
    await warmUp(measured, caller);
    const comparisons: Comparison[] = [];
    for (const delayMs of serviceDelaysMs)
      for (const clients of clientCounts)
        comparisons.push(await compare(measured, caller, { delayMs, clients }));
    return comparisons;
  } finally {
    caller.close();
  }
}

const warmUpSeconds = Math.min(4, secondsEach);

async function warmUp({ orchestrator, peerPort }: Measured, caller: ServiceCaller): Promise<void> {
  const load = { clients: 8, seconds: warmUpSeconds };
  await measureLoad(load, () => timed(() => callDirectly(caller, { peerPort, delayMs: 0 })));
  await measureLoad(load, () => runWorkflow(orchestrator, 0));
}

async function compare(
  { orchestrator, peerPort }: Measured,
  caller: ServiceCaller,
  { delayMs, clients }: { delayMs: number; clients: number },
): Promise<Comparison> {
  const load = { clients, seconds: secondsEach };
  const direct = await measureLoad(load, () => timed(() => callDirectly(caller, { peerPort, delayMs })));
  await orchestrator.usage();
  const workflow = await measureLoad(load, () => runWorkflow(orchestrator, delayMs));
  return { delayMs, clients, direct, workflow, usage: await orchestrator.usage() };
}

async function callDirectly(
  caller: ServiceCaller,
  { peerPort, delayMs }: { peerPort: number; delayMs: number },
): Promise<void> {
  const target = {
    service: serviceFor(delayMs),
    transport: 'mcp' as const,
    url: `http://127.0.0.1:${peerPort}/after/${delayMs}`,
  };
  const bounds = { idempotencyKey: 'k', executionId: 'e', timeoutMs: 60_000, maxResultBytes: 200_000 };
  for (let step = 0; step < 3; step++)
    await caller.call(target, { service: target.service, tool, arguments: { item: 'a parcel' } }, bounds);
}

async function timed(act: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await act();
  return performance.now() - began;
}

async function runWorkflow(orchestrator: Orchestrator, delayMs: number): Promise<number> {
  const began = epochMs();
  const { endedAt } = await orchestrator.run(delayMs);
  return endedAt - began;
}

export function printComparisons(comparisons: readonly Comparison[]): void {
  printTable(
    '1. Three-step workflow against the same three calls made directly (ms; CPU in ms per execution)',
    [
      'service, clients',
      'p50',
      'direct',
      'ratio',
      'p99',
      'direct',
      'ratio',
      'per s',
      'direct',
      'ratio',
      'CPU',
      'CPU of DynamoDB',
      'runs',
    ],
    comparisons.map(rowOf),
  );
}

function rowOf({ delayMs, clients, direct, workflow, usage }: Comparison) {
  return [
    `${delayMs} ms, ${clients}`,
    workflow.p50,
    direct.p50,
    times(workflow.p50 / direct.p50),
    workflow.p99,
    direct.p99,
    times(workflow.p99 / direct.p99),
    workflow.perSecond,
    direct.perSecond,
    times(workflow.perSecond / direct.perSecond),
    usage.cpuMs / workflow.count,
    usage.databaseCpuMs === undefined ? undefined : usage.databaseCpuMs / workflow.count,
    String(workflow.count),
  ];
}

export const times = (ratio: number): string => `${ratio.toFixed(2)} x`;
