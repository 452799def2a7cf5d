/** What a question to the mail graph selects: emails, and the people and threads around them. */
import { type GraphEdge, type GraphNode, type MailGraph, personNodeId, threadNodeId } from './mail-graph.ts';

export interface GraphQuery {
  readonly category?: string | undefined;
  /** An address, as sender or recipient. */
  readonly person?: string | undefined;
  /** A thread id as gmail gives it. */
  readonly thread?: string | undefined;
  /** How many emails at most. */
  readonly limit: number;
}

export interface Subgraph {
  nodes: GraphNode[];
  edges: GraphEdge[];
}

type EmailNode = Extract<GraphNode, { kind: 'email' }>;

/** The newest emails that match all of the query, then everything that they are connected to. */
export function queryGraph(graph: MailGraph, query: GraphQuery): Subgraph {
  const emails = graph.nodes
    .filter((node) => node.kind === 'email')
    .filter(matches(graph, query))
    .sort((a, b) => b.date.localeCompare(a.date))
    .slice(0, query.limit);
  const emailIds = new Set(emails.map(({ id }) => id));
  const edges = graph.edges.filter(({ from, to }) => emailIds.has(from) || emailIds.has(to));
  const ends = new Set(edges.flatMap(({ from, to }) => [from, to]));
  const around = graph.nodes.filter(({ id, kind }) => kind !== 'email' && ends.has(id));
  return { nodes: [...emails, ...around], edges };
}

function matches(graph: MailGraph, { category, person, thread }: GraphQuery): (node: EmailNode) => boolean {
  const ofPerson = person === undefined ? undefined : connectedTo(graph, personNodeId(person));
  const ofThread = thread === undefined ? undefined : connectedTo(graph, threadNodeId(thread));
  return (node) =>
    (category === undefined || node.category === category) &&
    (ofPerson?.has(node.id) ?? true) &&
    (ofThread?.has(node.id) ?? true);
}

const connectedTo = (graph: MailGraph, nodeId: string): Set<string> =>
  new Set(
    graph.edges.filter(({ from, to }) => from === nodeId || to === nodeId).flatMap((e) => [e.from, e.to]),
  );
