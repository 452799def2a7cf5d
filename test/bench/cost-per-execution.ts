/** What one execution of three steps costs: transitions, reads, writes, and in which phase its time goes. */
import { GetExecutionHistoryCommand, ListStateMachinesCommand, SFNClient } from '@aws-sdk/client-sfn';
import { executionArnOf } from '../../src/aws/model/arns.ts';
import { epochMs, type Orchestrator, type Usage } from './orchestrator.ts';
import { printTable } from './table.ts';
import { workflowFor } from './three-steps.ts';

export interface Cost {
  readonly executions: number;
  /** States entered in one execution. */
  readonly transitions: number;
  /** Milliseconds of one execution on average. */
  readonly totalMs: number;
  readonly usage: Usage;
}

/** Requests of a kind per execution; counts are written for many together, and are none of its own. */
export const perExecution = ({ usage, executions }: Cost, kind: 'read' | 'write'): number =>
  Object.entries(usage.phases)
    .filter(([phase]) => phase.startsWith(`${kind}:`) && phase !== 'write: usage')
    .reduce((sum, [, { count }]) => sum + count, 0) / executions;

/** Runs executions one after the other, so that every phase is seen without waiting for another execution. */
export async function measureCost(orchestrator: Orchestrator, executions: number): Promise<Cost> {
  await orchestrator.runUnasked(0);
  await orchestrator.usage();
  let totalMs = 0;
  let last = '';
  for (let turn = 0; turn < executions; turn++) {
    const began = epochMs();
    const { id, endedAt } = await orchestrator.runUnasked(0);
    totalMs += (endedAt - began) / executions;
    last = id;
  }
  const usage = await orchestrator.usage();
  return { executions, totalMs, usage, transitions: await transitionsOf(orchestrator, last) };
}

async function transitionsOf({ endpoints }: Orchestrator, id: string): Promise<number> {
  const client = new SFNClient({
    endpoint: endpoints.stepFunctions,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  try {
    const { stateMachines = [] } = await client.send(new ListStateMachinesCommand({}));
    const machine = stateMachines.find(({ name }) => name?.includes(workflowFor(0)));
    const executionArn = executionArnOf(machine?.stateMachineArn ?? '', id);
    const { events = [] } = await client.send(
      new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }),
    );
    return events.filter(({ type }) => type?.endsWith('StateEntered')).length;
  } finally {
    client.destroy();
  }
}

export function printCost(cost: Cost): void {
  printTable(
    '5. One execution of three steps, nobody asking for its status',
    ['what', 'per execution'],
    [
      ['transitions (states entered)', cost.transitions],
      ['DynamoDB read requests', perExecution(cost, 'read')],
      ['DynamoDB write requests', perExecution(cost, 'write')],
      ['CPU ms, nobody asking', cost.usage.cpuMs / cost.executions],
    ],
  );
  printTable(
    `Where the time goes: 0 ms services, 1 client, ${cost.totalMs.toFixed(2)} ms in all`,
    ['phase', 'times', 'ms each', 'ms per execution'],
    phaseRows(cost),
  );
}

/** StartExecution is answered while the first step begins: it overlaps, and is not taken from the rest. */
const overlapping = ['StartExecution'];

function phaseRows({ usage, executions, totalMs }: Cost) {
  const rows = Object.entries(usage.phases).map(([phase, { count, totalMs: ms }]) => ({
    name: overlapping.includes(phase) ? `${phase} (overlaps)` : phase,
    overlaps: overlapping.includes(phase),
    count: count / executions,
    each: ms / count,
    ms: ms / executions,
  }));
  const known = rows.reduce((sum, { overlaps, ms }) => sum + (overlaps ? 0 : ms), 0);
  return [
    ...rows.map(({ name, count, each, ms }) => [name, count, each, ms]),
    ['rest: HTTP front, Step Functions engine, JSON, scheduling', undefined, undefined, totalMs - known],
  ];
}
