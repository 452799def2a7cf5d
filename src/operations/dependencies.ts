/** Shows who needs whom: the graph, in which order services start, and what stops working without one. */
import * as z from 'zod';
import { type Arrow, around, betweenServices } from '../domain/dependencies/arrows.ts';
import { isWorkflow, type NodeId, nameOf } from '../domain/dependencies/graph.ts';
import { graphToDot, graphToMermaid } from '../domain/dependencies/graph-text.ts';
import { type Affected, impactOf } from '../domain/dependencies/impact.ts';
import { startWaves, withRequired } from '../domain/dependencies/start-order.ts';
import { OrchestratorError } from '../domain/errors.ts';
import { Name } from '../domain/service-terms.ts';
import { allServices, readArrows, registeredOf, servicesIn } from '../registry/read-graph.ts';
import { unknownService } from '../registry/resolve-service.ts';
import type { OperationContext } from './context.ts';
import { defineOperation } from './operation.ts';

const Kind = z.enum(['service', 'workflow']);
const kindOf = (node: NodeId): z.infer<typeof Kind> => (isWorkflow(node) ? 'workflow' : 'service');

const Edge = z.object({
  from: z.string(),
  fromKind: Kind,
  to: z.string(),
  toKind: Kind,
  required: z
    .boolean()
    .describe('Without a required one it does not work, without an optional one it does less'),
  pending: z.boolean().describe('Whether it is declared as registered later'),
  missing: z.boolean().describe('Whether what is needed is not registered'),
  versionRanges: z.array(z.string()),
});

const Graph = z.object({
  format: z.enum(['json', 'mermaid', 'dot']),
  revision: z.number().int().describe('Grows with each change of a dependency'),
  nodes: z
    .array(z.object({ name: z.string(), kind: Kind, registered: z.boolean() }))
    .optional()
    .describe('With format json'),
  edges: z.array(Edge).optional().describe('With format json'),
  text: z.string().optional().describe('With format mermaid or dot: the graph in that language'),
});

export const getDependencyGraph = defineOperation({
  id: 'get_dependency_graph',
  summary: 'Show which services and workflows need which services: all, or around one service',
  input: z.strictObject({
    service: Name.optional().describe('Only what is around this service; everything when left out'),
    depth: z.int().min(1).max(100).default(2).describe('How many steps around the service, both ways'),
    format: z.enum(['json', 'mermaid', 'dot']).default('json').describe('dot is for Graphviz'),
    includeWorkflows: z.boolean().default(true).describe('Workflows too, which call services'),
  }),
  output: Graph,
  errors: ['service.not-found'],
  access: 'viewer',
  http: { method: 'GET', path: '/v1/dependency-graph', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run(context, { service, depth, format, includeWorkflows }) {
    const { revision, arrows: all } = await readArrows(context);
    const arrows = includeWorkflows ? all : betweenServices(all);
    const shown =
      service === undefined ? await whole(context, arrows) : await near(context, arrows, { service, depth });
    if (format === 'json') return { format, revision, ...shownToJson(shown) };
    const text = (format === 'dot' ? graphToDot : graphToMermaid)(shown.nodes, shown.arrows);
    return { format, revision, text };
  },
});

interface ShownGraph {
  readonly nodes: readonly { readonly id: NodeId; readonly registered: boolean }[];
  readonly arrows: readonly Arrow[];
}

async function whole(context: OperationContext, arrows: readonly Arrow[]): Promise<ShownGraph> {
  const registered = await allServices(context, arrows);
  const ids = new Set([...registered, ...arrows.flatMap(({ from, to }) => [from, to])]);
  return shownOf(ids, arrows, registered);
}

async function near(
  context: OperationContext,
  all: readonly Arrow[],
  { service, depth }: { service: string; depth: number },
): Promise<ShownGraph> {
  const ids = around(all, service, depth);
  const arrows = all.filter(({ from, to }) => ids.has(from) && ids.has(to));
  const registered = await registeredOf(context, [service, ...servicesIn(arrows)]);
  if (ids.size === 1 && !registered.has(service)) throw unknownService(service);
  return shownOf(ids, arrows, registered);
}

const shownOf = (ids: Set<NodeId>, arrows: readonly Arrow[], registered: Set<string>): ShownGraph => ({
  nodes: [...ids].sort().map((id) => ({ id, registered: isWorkflow(id) || registered.has(id) })),
  arrows,
});

function shownToJson({ nodes, arrows }: ShownGraph) {
  const missing = new Set(nodes.flatMap(({ id, registered }) => (registered ? [] : [id])));
  return {
    nodes: nodes.map(({ id, registered }) => ({ name: nameOf(id), kind: kindOf(id), registered })),
    edges: arrows.map(({ from, to, required, pending, versionRanges }) => ({
      from: nameOf(from),
      fromKind: kindOf(from),
      to: nameOf(to),
      toKind: kindOf(to),
      required,
      pending,
      missing: missing.has(to),
      versionRanges: [...versionRanges],
    })),
  };
}

const Starting = z.object({
  service: z.string(),
  requires: z.array(z.string()).describe('Have to be healthy first'),
  after: z.array(z.string()).describe('Optional ones: started earlier, but nobody waits for their health'),
});

export const planStartOrder = defineOperation({
  id: 'plan_start_order',
  summary: 'Plan in which order services start: waves, each of which needs only what is in earlier ones',
  input: z.strictObject({
    services: z
      .array(Name)
      .min(1)
      .max(100)
      .optional()
      .describe('Only these and what they require; all when left out. What is only optional is not added'),
  }),
  output: z.object({
    waves: z.array(z.array(Starting)),
    missing: z
      .array(z.object({ service: z.string(), requiredBy: z.array(z.string()) }))
      .describe('Required, but not registered: who requires them starts all the same, and is degraded'),
  }),
  errors: ['service.not-found'],
  access: 'viewer',
  http: { method: 'POST', path: '/v1/start-order', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run(context, { services }) {
    const arrows = betweenServices((await readArrows(context)).arrows);
    const wanted = services && withRequired(arrows, services);
    const registered = wanted ? await registeredOf(context, [...wanted]) : await allServices(context, arrows);
    refuseUnknown(services ?? [], registered);
    const starting = [...(wanted ?? registered)].filter((name) => registered.has(name));
    return {
      waves: startWaves(arrows, new Set(starting)),
      missing: missingOf(arrows, registered, new Set(starting)),
    };
  },
});

function refuseUnknown(services: readonly string[], registered: ReadonlySet<string>): void {
  const errors = services.flatMap((name, index) =>
    registered.has(name) ? [] : [{ path: `services[${index}]`, message: `${name} is not registered` }],
  );
  if (errors.length > 0)
    throw new OrchestratorError('service.not-found', errors.map(({ message }) => message).join('; '), {
      errors,
    });
}

function missingOf(
  arrows: readonly Arrow[],
  registered: ReadonlySet<string>,
  starting: ReadonlySet<string>,
): { service: string; requiredBy: string[] }[] {
  const missing = new Map<string, string[]>();
  for (const { from, to, required } of arrows) {
    if (!required || registered.has(to) || !starting.has(from)) continue;
    missing.set(to, [...(missing.get(to) ?? []), from]);
  }
  return [...missing].map(([service, requiredBy]) => ({ service, requiredBy }));
}

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
  async run(context, { service }) {
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
  context: OperationContext,
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
  { executionLists, clock, retentionDays }: OperationContext,
  workflow: string,
): Promise<z.infer<typeof Running>> {
  const from = new Date(clock.now() - (retentionDays + 1) * dayMs).toISOString();
  const to = new Date(clock.now() + dayMs).toISOString();
  const range = { from, to, limit: mostCounted, mostQueries: 2 };
  const page = await executionLists.list({ workflow, status: 'RUNNING', ...range });
  const workflowIds = page.executions.slice(0, mostNamed).map(({ id }) => id);
  return { count: page.executions.length, workflowIds, more: page.nextCursor !== undefined };
}
