/** Which executions of workflows are under way, bounded: what whoever stops a service wants to know. */
import * as z from 'zod';
import type { Clock } from '../base/clock.ts';
import { type NodeId, nameOf } from '../registry/dependencies/model/graph.ts';
import type { ExecutionLists } from './store/execution-lists.ts';

export const RunningExecutions = z.object({
  count: z.number().int().describe('Among the newest executions of the workflow, at most 100'),
  workflowIds: z.array(z.string()).describe('The newest 20 of them'),
  more: z.boolean().describe('Whether there may be more of them'),
});

export type RunningExecutions = z.infer<typeof RunningExecutions>;

export interface RunningContext {
  readonly executionLists: ExecutionLists;
  readonly clock: Clock;
  readonly retentionDays: number;
}

/** Workflows that are looked up. */
export const mostWorkflows = 50;
const atOnce = 10;

/** Of the first fifty workflows, in their order. */
export async function runningOf(
  context: RunningContext,
  workflows: readonly { readonly node: NodeId }[],
): Promise<RunningExecutions[]> {
  const first = workflows.slice(0, mostWorkflows);
  const running: RunningExecutions[] = [];
  for (let at = 0; at < first.length; at += atOnce) {
    const names = first.slice(at, at + atOnce).map(({ node }) => nameOf(node));
    running.push(...(await Promise.all(names.map((name) => runningExecutions(context, name)))));
  }
  return running;
}

const dayMs = 86_400_000;
/** Of one workflow, which two queries of its index find; and how many of them are named. */
const mostCounted = 100;
const mostNamed = 20;

async function runningExecutions(
  { executionLists, clock, retentionDays }: RunningContext,
  workflow: string,
): Promise<RunningExecutions> {
  const from = new Date(clock.now() - (retentionDays + 1) * dayMs).toISOString();
  const to = new Date(clock.now() + dayMs).toISOString();
  const range = { from, to, limit: mostCounted, mostQueries: 2 };
  const page = await executionLists.list({ workflow, status: 'RUNNING', ...range });
  const workflowIds = page.executions.slice(0, mostNamed).map(({ id }) => id);
  return { count: page.executions.length, workflowIds, more: page.nextCursor !== undefined };
}
