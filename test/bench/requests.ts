/** Requests per second and latency of one operation through both doors: REST, and an MCP tool call. */
import autocannon, { type Options } from 'autocannon';
import type { Orchestrator } from './orchestrator.ts';
import { clientCounts, secondsEach } from './settings.ts';
import { type Cell, printTable } from './table.ts';

/** Asks for the status of an execution of three steps that has ended. */
export async function printRequests(orchestrator: Orchestrator): Promise<void> {
  const { id } = await orchestrator.runUnasked(0);
  await checkToolAnswers(mcpRequest(orchestrator, id));
  const rows: Cell[][] = [];
  for (const connections of clientCounts) {
    rows.push(await measure('REST get_workflow_status', { ...restRequest(orchestrator, id), connections }));
    rows.push(await measure('MCP tools/call of it', { ...mcpRequest(orchestrator, id), connections }));
  }
  printTable(
    '4. Requests to the API (latency in whole ms)',
    ['request, connections', 'per s', 'p50', 'p99', 'failed'],
    rows,
  );
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
async function checkToolAnswers({ url, ...request }: Request): Promise<void> {
  const answer = await (await fetch(url, request)).text();
  if (!answer.includes('SUCCEEDED')) throw new Error(`The tool call to measure failed: ${answer}`);
}

async function measure(name: string, request: Request & { connections: number }): Promise<Cell[]> {
  await autocannon({ ...request, duration: 1 });
  const { requests, latency, errors, non2xx } = await autocannon({
    ...request,
    duration: Math.max(1, Math.round(secondsEach * 0.6)),
  });
  return [
    `${name}, ${request.connections}`,
    requests.average,
    latency.p50,
    latency.p99,
    String(errors + non2xx),
  ];
}
