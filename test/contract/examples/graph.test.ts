import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startGraph } from '../../../examples/email/graph.ts';
import type { RunningService } from '../../../examples/email/http-service.ts';
import { connectTo, type TestClient } from './mcp-client.ts';

const addition = {
  email: {
    id: 'e1',
    threadId: 't1',
    from: { name: 'Ann', address: 'ann@example.org' },
    to: [{ name: 'Bob', address: 'bob@example.net' }],
    subject: 'Hello',
    date: '2026-11-01T00:00:00.000Z',
    text: 'not kept',
  },
  classification: { category: 'personal', score: 0.7, reasons: ['…'] },
};

describe('graph', () => {
  let folder: string;
  let service: RunningService;
  let graph: TestClient;

  const start = async (): Promise<void> => {
    service = await startGraph({ port: 0, graphFile: join(folder, 'graph.json') });
    graph = await connectTo(service.port);
  };
  const stop = async (): Promise<void> => {
    await graph.close();
    await service.close();
  };
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'graph-'));
    await start();
  });
  afterEach(async () => {
    await stop();
    await rm(folder, { recursive: true });
  });

  it('adds an email once and says whether it did', async () => {
    const first = await graph.call('add_to_graph', addition);
    const second = await graph.call('add_to_graph', addition);
    expect(first.structured).toEqual({ node_id: 'email:e1', created: true });
    expect(second.structured).toEqual({ node_id: 'email:e1', created: false });
  });

  it('answers repeats with the same idempotency key the same, after a restart too', async () => {
    const origin = { executionId: 'x1', idempotencyKey: 'k1' };
    const first = await graph.call('add_to_graph', addition, origin);
    await stop();
    await start();
    const repeat = await graph.call('add_to_graph', addition, origin);
    expect(repeat.structured).toEqual(first.structured);
    expect(repeat.structured).toEqual({ node_id: 'email:e1', created: true });
  });

  it('creates one node when the same email is added many times at once', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => graph.call('add_to_graph', addition)));
    expect(answers.filter(({ text }) => text.includes('"created":true'))).toHaveLength(1);
  });

  it('lets an undo remove only what its execution created', async () => {
    await graph.call('add_to_graph', addition, { executionId: 'x1', idempotencyKey: 'k1' });
    const node = { node_id: 'email:e1' };
    const stranger = await graph.call('remove_node', node, { executionId: 'x2', idempotencyKey: 'k2' });
    expect(stranger.structured).toEqual({
      removed: false,
      reason: 'Node email:e1 was not created by this execution',
    });
    const owner = await graph.call('remove_node', node, { executionId: 'x1', idempotencyKey: 'k3' });
    expect(owner.structured).toEqual({ removed: true });
    expect((await graph.call('query_graph', {})).structured).toEqual({ nodes: [], edges: [] });
  });

  it('removes without an execution id, and says when there is nothing to remove', async () => {
    await graph.call('add_to_graph', addition, { executionId: 'x1' });
    const removals = [
      await graph.call('remove_node', { node_id: 'email:e1' }),
      await graph.call('remove_node', { node_id: 'email:e1' }),
    ];
    expect(removals.map(({ structured }) => structured)).toEqual([
      { removed: true },
      { removed: false, reason: 'There is no node email:e1' },
    ]);
  });

  it('answers a query with nodes and edges, and shows which execution created an email', async () => {
    await graph.call('add_to_graph', addition, { executionId: 'x1' });
    const { structured } = await graph.call('query_graph', {
      category: 'personal',
      person: 'bob@example.net',
    });
    expect(structured).toEqual({
      nodes: [
        {
          id: 'email:e1',
          kind: 'email',
          subject: 'Hello',
          date: '2026-11-01T00:00:00.000Z',
          category: 'personal',
          score: 0.7,
          createdBy: 'x1',
        },
        { id: 'person:ann@example.org', kind: 'person', name: 'Ann', address: 'ann@example.org' },
        { id: 'person:bob@example.net', kind: 'person', name: 'Bob', address: 'bob@example.net' },
        { id: 'thread:t1', kind: 'thread', subject: 'Hello' },
      ],
      edges: [
        { from: 'person:ann@example.org', to: 'email:e1', kind: 'sent' },
        { from: 'email:e1', to: 'person:bob@example.net', kind: 'received' },
        { from: 'email:e1', to: 'thread:t1', kind: 'part_of' },
      ],
    });
    expect((await graph.call('query_graph', { thread: 'other' })).structured).toEqual({
      nodes: [],
      edges: [],
    });
  });

  it('refuses an email without an id and a score above one', async () => {
    const noId = { ...addition, email: { ...addition.email, id: '' } };
    const tooSure = { ...addition, classification: { category: 'spam', score: 2 } };
    expect((await graph.call('add_to_graph', noId)).isError).toBe(true);
    expect((await graph.call('add_to_graph', tooSure)).isError).toBe(true);
  });
});
