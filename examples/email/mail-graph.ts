/**
 * The graph of a mailbox: emails, people and threads as nodes, who wrote what to whom as edges. Decides what is
 * added, what a repeat answers, and what an undo may remove. Every change returns a new graph.
 */
import * as z from 'zod';

const EmailNode = z.object({
  id: z.string(),
  kind: z.literal('email'),
  subject: z.string(),
  date: z.string(),
  category: z.string(),
  score: z.number(),
  createdBy: z.string().optional().describe('The execution that created the node'),
});
const PersonNode = z.object({
  id: z.string(),
  kind: z.literal('person'),
  name: z.string(),
  address: z.string(),
});
const ThreadNode = z.object({ id: z.string(), kind: z.literal('thread'), subject: z.string() });

export const GraphNode = z.discriminatedUnion('kind', [EmailNode, PersonNode, ThreadNode]);
export type GraphNode = z.infer<typeof GraphNode>;

export const GraphEdge = z.object({
  from: z.string(),
  to: z.string(),
  kind: z.enum(['sent', 'received', 'part_of']),
});
export type GraphEdge = z.infer<typeof GraphEdge>;

export const MailGraph = z.object({
  nodes: z.array(GraphNode),
  edges: z.array(GraphEdge),
  /** Idempotency keys under which a node was created; they outlive the node, so that a late repeat is one. */
  creations: z.array(z.object({ idempotencyKey: z.string(), nodeId: z.string() })),
});
export type MailGraph = z.infer<typeof MailGraph>;

export const emptyGraph: MailGraph = { nodes: [], edges: [], creations: [] };

const Party = z.looseObject({ name: z.string().default(''), address: z.string() });

/** What the graph needs of an email; an address that is empty makes no person. */
export const GraphEmail = z.looseObject({
  id: z.string().min(1),
  threadId: z.string().optional(),
  from: Party,
  to: z.array(Party).default([]),
  cc: z.array(Party).default([]),
  subject: z.string().default(''),
  date: z.string().default(''),
});
type GraphEmail = z.infer<typeof GraphEmail>;

export interface Addition {
  readonly email: GraphEmail;
  readonly classification: { readonly category: string; readonly score: number };
  readonly executionId?: string | undefined;
  readonly idempotencyKey?: string | undefined;
}

export interface Removal {
  readonly nodeId: string;
  readonly executionId?: string | undefined;
}

export interface Change<Answer> {
  readonly graph: MailGraph;
  readonly answer: Answer;
}

const rememberedCreations = 10_000;

/**
 * One node per email id: a second addition changes nothing and answers `created: false`, except a repeat under
 * the key that created the node, which answers as the first time did, even if the node was removed meanwhile.
 */
export function addEmail(
  graph: MailGraph,
  addition: Addition,
): Change<{ node_id: string; created: boolean }> {
  const nodeId = `email:${addition.email.id}`;
  const repeat = graph.creations.some(
    (creation) => creation.nodeId === nodeId && creation.idempotencyKey === addition.idempotencyKey,
  );
  if (repeat) return { graph, answer: { node_id: nodeId, created: true } };
  if (findNode(graph, nodeId)) return { graph, answer: { node_id: nodeId, created: false } };
  return { graph: withEmail(graph, nodeId, addition), answer: { node_id: nodeId, created: true } };
}

/**
 * An execution removes only an email node which it created; without an execution any node is removed.
 * People and threads that nothing refers to any more go with it.
 */
export function removeNode(
  graph: MailGraph,
  { nodeId, executionId }: Removal,
): Change<{ removed: boolean; reason?: string }> {
  const node = findNode(graph, nodeId);
  if (node === undefined) return refused(graph, `There is no node ${nodeId}`);
  if (executionId !== undefined && !isCreatedBy(node, executionId))
    return refused(graph, `Node ${nodeId} was not created by this execution`);
  return { graph: withoutNode(graph, nodeId), answer: { removed: true } };
}

const findNode = (graph: MailGraph, nodeId: string): GraphNode | undefined =>
  graph.nodes.find(({ id }) => id === nodeId);

const isCreatedBy = (node: GraphNode, executionId: string): boolean =>
  node.kind === 'email' && node.createdBy === executionId;

const refused = (graph: MailGraph, reason: string): Change<{ removed: boolean; reason: string }> => ({
  graph,
  answer: { removed: false, reason },
});

function withEmail(graph: MailGraph, nodeId: string, addition: Addition): MailGraph {
  const { idempotencyKey } = addition;
  const creation = idempotencyKey === undefined ? [] : [{ idempotencyKey, nodeId }];
  return {
    nodes: withNew(graph.nodes, [emailNode(nodeId, addition), ...neighbours(addition.email)]),
    edges: [...graph.edges, ...edgesOf(nodeId, addition.email)],
    creations: [...graph.creations, ...creation].slice(-rememberedCreations),
  };
}

const emailNode = (id: string, { email, classification, executionId }: Addition): GraphNode => ({
  id,
  kind: 'email',
  subject: email.subject,
  date: email.date,
  category: classification.category,
  score: classification.score,
  ...(executionId === undefined ? {} : { createdBy: executionId }),
});

const neighbours = ({ id, threadId = id, from, to, cc, subject }: GraphEmail): GraphNode[] => [
  ...[from, ...to, ...cc].filter(hasAddress).map(personNode),
  { id: threadNodeId(threadId), kind: 'thread', subject },
];

const personNode = ({ name, address }: GraphEmail['from']): GraphNode => ({
  id: personNodeId(address),
  kind: 'person',
  name,
  address: address.toLowerCase(),
});

const edgesOf = (nodeId: string, { id, threadId = id, from, to, cc }: GraphEmail): GraphEdge[] => [
  ...[from].filter(hasAddress).map((sender) => edge(personNodeId(sender.address), nodeId, 'sent')),
  ...recipientIds([...to, ...cc]).map((recipient) => edge(nodeId, recipient, 'received')),
  edge(nodeId, threadNodeId(threadId), 'part_of'),
];

const recipientIds = (parties: GraphEmail['to']): string[] => [
  ...new Set(parties.filter(hasAddress).map(({ address }) => personNodeId(address))),
];

const edge = (from: string, to: string, kind: GraphEdge['kind']): GraphEdge => ({ from, to, kind });
const hasAddress = ({ address }: { address: string }): boolean => address !== '';
export const personNodeId = (address: string): string => `person:${address.toLowerCase()}`;
export const threadNodeId = (threadId: string): string => `thread:${threadId}`;

/** The first node of an id stays. */
function withNew(nodes: readonly GraphNode[], added: readonly GraphNode[]): GraphNode[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  for (const node of added) if (!byId.has(node.id)) byId.set(node.id, node);
  return [...byId.values()];
}

function withoutNode(graph: MailGraph, nodeId: string): MailGraph {
  const edges = graph.edges.filter(({ from, to }) => from !== nodeId && to !== nodeId);
  const referred = new Set(edges.flatMap(({ from, to }) => [from, to]));
  const stays = (node: GraphNode): boolean =>
    node.id !== nodeId && (node.kind === 'email' || referred.has(node.id));
  return { ...graph, nodes: graph.nodes.filter(stays), edges };
}
