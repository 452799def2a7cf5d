import { describe, expect, it } from 'vitest';
import { queryGraph } from '../../../examples/email/graph-query.ts';
import {
  addEmail,
  emptyGraph,
  GraphEmail,
  type MailGraph,
  removeNode,
} from '../../../examples/email/mail-graph.ts';

const emailOf = (id: string, fields: Record<string, unknown> = {}) =>
  GraphEmail.parse({
    id,
    threadId: 't1',
    from: { name: 'Ann', address: 'Ann@example.org' },
    to: [{ name: 'Bob', address: 'bob@example.net' }],
    subject: `Subject of ${id}`,
    date: '2026-11-01T00:00:00.000Z',
    ...fields,
  });
const classification = { category: 'personal', score: 0.9 };
const add = (graph: MailGraph, id: string, fields: Record<string, unknown> = {}): MailGraph =>
  addEmail(graph, { email: emailOf(id, fields), classification }).graph;
const idsOf = ({ nodes }: { nodes: readonly { id: string }[] }) => nodes.map(({ id }) => id);
const all = { limit: 50 };

describe('addEmail', () => {
  it('makes nodes for the email, its people and its thread, and edges between them', () => {
    const graph = add(emptyGraph, 'e1', { cc: [{ name: 'Ann', address: 'ann@EXAMPLE.org' }] });
    expect(graph.nodes).toEqual([
      {
        id: 'email:e1',
        kind: 'email',
        subject: 'Subject of e1',
        date: '2026-11-01T00:00:00.000Z',
        category: 'personal',
        score: 0.9,
      },
      { id: 'person:ann@example.org', kind: 'person', name: 'Ann', address: 'ann@example.org' },
      { id: 'person:bob@example.net', kind: 'person', name: 'Bob', address: 'bob@example.net' },
      { id: 'thread:t1', kind: 'thread', subject: 'Subject of e1' },
    ]);
    expect(graph.edges).toEqual([
      { from: 'person:ann@example.org', to: 'email:e1', kind: 'sent' },
      { from: 'email:e1', to: 'person:bob@example.net', kind: 'received' },
      { from: 'email:e1', to: 'person:ann@example.org', kind: 'received' },
      { from: 'email:e1', to: 'thread:t1', kind: 'part_of' },
    ]);
  });

  it('shares people and threads between emails', () => {
    expect(idsOf(add(add(emptyGraph, 'e1'), 'e2'))).toEqual([
      'email:e1',
      'person:ann@example.org',
      'person:bob@example.net',
      'thread:t1',
      'email:e2',
    ]);
  });

  it('keeps one node per email id: a second addition changes nothing and says so', () => {
    const graph = add(emptyGraph, 'e1');
    const second = addEmail(graph, { email: emailOf('e1', { subject: 'other' }), classification });
    expect(second).toEqual({ graph, answer: { node_id: 'email:e1', created: false } });
  });

  it('makes no person of an empty address', () => {
    expect(idsOf(add(emptyGraph, 'e1', { from: { address: '' }, to: [] }))).toEqual([
      'email:e1',
      'thread:t1',
    ]);
  });

  it('answers a repeat under the same key as the first time, even when the node is gone', () => {
    const addition = { email: emailOf('e1'), classification, executionId: 'x1', idempotencyKey: 'k1' };
    const { graph, answer } = addEmail(emptyGraph, addition);
    expect(addEmail(graph, addition)).toEqual({ graph, answer });
    const { graph: undone } = removeNode(graph, { nodeId: 'email:e1', executionId: 'x1' });
    expect(addEmail(undone, addition)).toEqual({
      graph: undone,
      answer: { node_id: 'email:e1', created: true },
    });
    expect(undone.nodes).toEqual([]);
  });

  it('takes another key as another addition', () => {
    const addition = { email: emailOf('e1'), classification, executionId: 'x1', idempotencyKey: 'k1' };
    const { graph } = addEmail(emptyGraph, addition);
    const other = addEmail(graph, { ...addition, executionId: 'x2', idempotencyKey: 'k2' });
    expect(other.answer).toEqual({ node_id: 'email:e1', created: false });
  });
});

describe('removeNode', () => {
  const created = addEmail(emptyGraph, { email: emailOf('e1'), classification, executionId: 'x1' }).graph;

  it('lets the execution that created a node remove it, with the people and threads that only it needed', () => {
    const both = add(created, 'e2', { threadId: 't2', to: [{ address: 'carol@example.com' }] });
    const { graph, answer } = removeNode(both, { nodeId: 'email:e1', executionId: 'x1' });
    expect(answer).toEqual({ removed: true });
    expect(idsOf(graph)).toEqual([
      'person:ann@example.org',
      'email:e2',
      'person:carol@example.com',
      'thread:t2',
    ]);
    expect(graph.edges).toHaveLength(3);
  });

  it.each(['email:e1', 'person:ann@example.org'])(
    'refuses %s to an execution that did not create it',
    (nodeId) => {
      expect(removeNode(created, { nodeId, executionId: 'x2' })).toEqual({
        graph: created,
        answer: { removed: false, reason: `Node ${nodeId} was not created by this execution` },
      });
    },
  );

  it('removes any node when no execution asks', () => {
    expect(removeNode(created, { nodeId: 'email:e1' })).toMatchObject({
      graph: { nodes: [], edges: [] },
      answer: { removed: true },
    });
  });

  it('says so when there is no such node', () => {
    expect(removeNode(created, { nodeId: 'email:e9' }).answer).toEqual({
      removed: false,
      reason: 'There is no node email:e9',
    });
  });
});

describe('queryGraph', () => {
  const first = add(emptyGraph, 'e1');
  const second = addEmail(first, {
    email: emailOf('e2', {
      threadId: 't2',
      from: { name: 'Carol', address: 'carol@example.com' },
      date: '2026-11-05T00:00:00.000Z',
    }),
    classification: { category: 'invoice', score: 0.8 },
  }).graph;
  const graph = addEmail(second, {
    email: emailOf('e3', { date: '2026-11-03T00:00:00.000Z' }),
    classification: { category: 'invoice', score: 0.7 },
  }).graph;
  const emailsOf = (query: Parameters<typeof queryGraph>[1]) =>
    idsOf(queryGraph(graph, query)).filter((id) => id.startsWith('email:'));

  it('answers with everything, newest emails first', () => {
    expect(emailsOf(all)).toEqual(['email:e2', 'email:e3', 'email:e1']);
    expect(queryGraph(graph, all).edges).toEqual(graph.edges);
  });

  it('filters by category, person in any case of letters, and thread, all together', () => {
    expect(emailsOf({ ...all, category: 'invoice' })).toEqual(['email:e2', 'email:e3']);
    expect(emailsOf({ ...all, person: 'ANN@example.org' })).toEqual(['email:e3', 'email:e1']);
    expect(emailsOf({ ...all, thread: 't1' })).toEqual(['email:e3', 'email:e1']);
    expect(emailsOf({ ...all, category: 'invoice', thread: 't1' })).toEqual(['email:e3']);
    expect(emailsOf({ ...all, person: 'nobody@example.com' })).toEqual([]);
  });

  it('brings only the people and threads of the emails it shows', () => {
    expect(idsOf(queryGraph(graph, { limit: 1 }))).toEqual([
      'email:e2',
      'person:bob@example.net',
      'person:carol@example.com',
      'thread:t2',
    ]);
    expect(queryGraph(graph, { limit: 1 }).edges).toHaveLength(3);
  });
});
