/** Shows what stops working when a service stops. */
import * as z from 'zod';
import { defineOperation } from '../../operation/operation.ts';
import { isWorkflow, nameOf } from '../../registry/dependencies/model/graph.ts';
import { type Affected, impactOf } from '../../registry/dependencies/model/impact.ts';
import { readArrows, registeredOf } from '../../registry/dependencies/read-graph.ts';
import { unknownService } from '../../registry/services/model/service-reference.ts';
import { Name } from '../../registry/services/model/service-terms.ts';
import type { ExecutionOperationContext } from './context.ts';

const Effect = z
  .enum(['stops', 'degraded'])
  .describe('stops: it requires what stops; degraded: it or something between needs it only optionally');
const Path = z.array(z.string()).describe('The way to the service, what is affected first');

const Running = z.object({
  count: z.number().int().describe('Among the newest executions of the workflow, at most 100'),
  workflowIds: z.array(z.string()).describe('The newest 20 of them'),
  more: z.boolean().describe('Whether there may be more of them'),
});

export const getImpact = defineOperation({
  id: 'get_impact',
  summary: 'Show what stops working when a service stops: services, workflows and running executions',
  input: z.strictObject({ service: Name.describe('The service that would stop') }),
  output: z.object({
    service: z.string(),
    registered: z.boolean(),
    services: z.array(z.object({ service: z.string(), effect: Effect, direct: z.boolean(), path: Path })),
    workflows: z.array(
      z.object({
        workflow: z.string(),
        effect: Effect,
        direct: z.boolean(),
        path: Path,
        running: Running.optional().describe('Looked up for the first 50 workflows'),
      }),
    ),
  }),
  errors: ['service.not-found'],
  access: 'viewer',
  http: { method: 'GET', path: '/v1/services/{service}/impact', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run(context: ExecutionOperationContext, { service }) {
    const affected = impactOf((await readArrows(context)).arrows, service);
    const registered = (await registeredOf(context, [service])).has(service);
    if (affected.length === 0 && !registered) throw unknownService(service);
    const services = affected.filter(({ node }) => !isWorkflow(node));
    const workflows = affected.filter(({ node }) => isWorkflow(node));
    const running = await runningOf(context, workflows.slice(0, mostWorkflows));
    return {
      service,
      registered,
      services: services.map((one) => ({ service: one.node, ...affectedToShown(one) })),
      workflows: workflows.map((one, index) => ({
        workflow: nameOf(one.node),
        ...affectedToShown(one),
        ...(running[index] && { running: running[index] }),
      })),
    };
  },
});

const mostWorkflows = 50;
const atOnce = 10;

const affectedToShown = ({ effect, direct, path }: Affected) => ({ effect, direct, path: path.map(nameOf) });

async function runningOf(
  context: ExecutionOperationContext,
  workflows: readonly Affected[],
): Promise<z.infer<typeof Running>[]> {
  const running: z.infer<typeof Running>[] = [];
  for (let at = 0; at < workflows.length; at += atOnce) {
    const names = workflows.slice(at, at + atOnce).map(({ node }) => nameOf(node));
    running.push(...(await Promise.all(names.map((name) => runningExecutions(context, name)))));
  }
  return running;
}

const dayMs = 86_400_000;
/** Of one workflow, which two queries of its index find; and how many of them are named. */
const mostCounted = 100;
const mostNamed = 20;

async function runningExecutions(
  { executionLists, clock, retentionDays }: ExecutionOperationContext,
  workflow: string,
): Promise<z.infer<typeof Running>> {
  const from = new Date(clock.now() - (retentionDays + 1) * dayMs).toISOString();
  const to = new Date(clock.now() + dayMs).toISOString();
  const range = { from, to, limit: mostCounted, mostQueries: 2 };
  const page = await executionLists.list({ workflow, status: 'RUNNING', ...range });
  const workflowIds = page.executions.slice(0, mostNamed).map(({ id }) => id);
  return { count: page.executions.length, workflowIds, more: page.nextCursor !== undefined };
}
