/**
 * Requests per second, latency and CPU of one operation through both doors: REST, and an MCP tool call. It asks for the
 * status of an execution of three steps that has ended, and of one whose third step is under way.
 */
import autocannon, { type Options } from 'autocannon';
import { startHeld } from './held-execution.ts';
import type { Orchestrator } from './orchestrator.ts';
import { clientCounts, secondsEach } from './settings.ts';
import { type Cell, printTable } from './table.ts';

export async function printRequests(orchestrator: Orchestrator, peerPort: number): Promise<void> {
  const { id } = await orchestrator.runUnasked(0);
  const held = await startHeld(orchestrator.endpoints, peerPort);
  const rows = [
    ...(await measureStatus(orchestrator, { id, status: 'SUCCEEDED', said: 'ended' })),
    ...(await measureStatus(orchestrator, { id: held.id, status: 'RUNNING', said: 'running' })),
  ];
  await held.end();
  printTable(
    '4. Requests to the API (latency in whole ms), and CPU of the orchestrator for each',
    ['request, connections', 'per s', 'p50', 'p99', 'CPU ms', 'failed'],
    rows,
  );
}

interface Asked {
  readonly id: string;
  readonly status: string;
  readonly said: string;
}

async function measureStatus(orchestrator: Orchestrator, { id, status, said }: Asked): Promise<Cell[][]> {
  await checkToolAnswers(mcpRequest(orchestrator, id), status);
  const rows: Cell[][] = [];
  for (const connections of clientCounts) {
    const rest = { ...restRequest(orchestrator, id), connections };
    rows.push(await measure(orchestrator, `REST get_workflow_status, ${said}`, rest));
    const mcp = { ...mcpRequest(orchestrator, id), connections };
    rows.push(await measure(orchestrator, `MCP tools/call of it, ${said}`, mcp));
  }
  return rows;
}

type Request = Pick<Options, 'url' | 'method' | 'headers'> & { readonly body?: string };

const restRequest = ({ endpoints }: Orchestrator, id: string): Request => ({
  url: `${endpoints.api}/v1/executions/${id}`,
  method: 'GET',
  headers: { accept: 'application/json' },
});

const mcpRequest = ({ endpoints }: Orchestrator, id: string): Request => ({
  url: endpoints.mcp,
  method: 'POST',
  headers: {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': '2025-11-25',
  },
  body: JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'get_workflow_status', arguments: { workflowId: id } },
  }),
});

/** A tool that fails is answered with 200 all the same: nothing would be measured but errors. */
async function checkToolAnswers({ url, ...request }: Request, status: string): Promise<void> {
  const answer = await (await fetch(url, request)).text();
  if (!answer.includes(status)) throw new Error(`The tool call to measure failed: ${answer}`);
}

async function measure(
  orchestrator: Orchestrator,
  name: string,
  request: Request & { connections: number },
): Promise<Cell[]> {
  await autocannon({ ...request, duration: 1 });
  await orchestrator.usage();
  const { requests, latency, errors, non2xx } = await autocannon({
    ...request,
    duration: Math.max(1, Math.round(secondsEach * 0.6)),
  });
  const { cpuMs } = await orchestrator.usage();
  return [
    `${name}, ${request.connections}`,
    requests.average,
    latency.p50,
    latency.p99,
    cpuMs / requests.total,
    String(errors + non2xx),
  ];
}
