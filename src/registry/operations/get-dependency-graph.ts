/** Shows who needs whom, as JSON or for a tool that draws it. */
import * as z from 'zod';
import { wholeNumber } from '../../base/bounded-number.ts';
import { defineOperation } from '../../operation/operation.ts';
import { type Arrow, betweenServices, nodesWithin } from '../dependencies/model/arrows.ts';
import { isWorkflow, type NodeId, nameOf } from '../dependencies/model/graph.ts';
import { graphToDot, graphToMermaid } from '../dependencies/model/graph-text.ts';
import { allServices, readArrows, registeredOf, servicesIn } from '../dependencies/read-graph.ts';
import { unknownService } from '../services/model/service-reference.ts';
import { Name } from '../services/model/service-terms.ts';
import type { RegistryOperationContext } from './context.ts';

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
    depth: wholeNumber({ from: 1, to: 100, example: 2 })
      .default(2)
      .describe('How many steps around the service, both ways'),
    format: z.enum(['json', 'mermaid', 'dot']).default('json').describe('dot is for Graphviz'),
    includeWorkflows: z.boolean().default(true).describe('Workflows too, which call services'),
  }),
  output: Graph,
  errors: ['service.not-found'],
  access: 'viewer',
  http: { method: 'GET', path: '/v1/dependency-graph', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run(context: RegistryOperationContext, { service, depth, format, includeWorkflows }) {
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

async function whole(context: RegistryOperationContext, arrows: readonly Arrow[]): Promise<ShownGraph> {
  const registered = await allServices(context, arrows);
  const ids = new Set([...registered, ...arrows.flatMap(({ from, to }) => [from, to])]);
  return shownOf(ids, arrows, registered);
}

async function near(
  context: RegistryOperationContext,
  all: readonly Arrow[],
  { service, depth }: { service: string; depth: number },
): Promise<ShownGraph> {
  const ids = nodesWithin(all, service, depth);
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
