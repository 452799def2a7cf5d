/**
 * A workflow of three steps against the same three calls made directly, by the same plain HTTP client, connections
 * reused. A run of the workflow begins when the client sends its request and ends when the client, which asks for
 * the status every 20 ms, is told that it has ended. Direct calls are made by the driver; the orchestrator is a process of its
 * own.
 */
import { type Load, measureLoad } from './load.ts';
import type { Orchestrator, Usage } from './orchestrator.ts';
import { createPlainClient, type PlainClient } from './plain-client.ts';
import { clientCounts, secondsEach, serviceDelaysMs, tool } from './settings.ts';
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
  const client = createPlainClient();
  try {
    await warmUp(measured, client);
    const comparisons: Comparison[] = [];
    for (const delayMs of serviceDelaysMs)
      for (const clients of clientCounts)
        comparisons.push(await compare(measured, client, { delayMs, clients }));
    return comparisons;
  } finally {
    client.close();
  }
}

const warmUpSeconds = Math.min(4, secondsEach);

async function warmUp({ orchestrator, peerPort }: Measured, client: PlainClient): Promise<void> {
  const load = { clients: 8, seconds: warmUpSeconds };
  await measureLoad(load, () => timed(() => callDirectly(client, { peerPort, delayMs: 0 })));
  await measureLoad(load, () => timed(() => orchestrator.run(0)));
}

async function compare(
  { orchestrator, peerPort }: Measured,
  client: PlainClient,
  { delayMs, clients }: { delayMs: number; clients: number },
): Promise<Comparison> {
  const load = { clients, seconds: secondsEach };
  const direct = await measureLoad(load, () => timed(() => callDirectly(client, { peerPort, delayMs })));
  await orchestrator.usage();
  const workflow = await measureLoad(load, () => timed(() => orchestrator.run(delayMs)));
  return { delayMs, clients, direct, workflow, usage: await orchestrator.usage() };
}

async function callDirectly(
  client: PlainClient,
  { peerPort, delayMs }: { peerPort: number; delayMs: number },
): Promise<void> {
  const url = `http://127.0.0.1:${peerPort}/after/${delayMs}`;
  const params = { name: tool, arguments: { item: 'a parcel' } };
  for (let id = 1; id <= 3; id++)
    await client.post(url, { jsonrpc: '2.0', id, method: 'tools/call', params });
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await act();
  return performance.now() - began;
}

export function printComparisons(comparisons: readonly Comparison[]): void {
  printTable(
    '1. Three-step workflow, asked for every 20 ms, against the same three calls made directly (ms; CPU per execution)',
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
    String(workflow.count),
  ];
}

export const times = (ratio: number): string => `${ratio.toFixed(2)} x`;
