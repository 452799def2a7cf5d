/** Risk: a process dies, or falls asleep, between the intent in the graph and the write of the record. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { changeGraph, currentGraph, declare } from '../../src/registry/dependencies/change-graph.ts';
import { edgesOf, noEdges, workflowNode } from '../../src/registry/dependencies/model/graph.ts';
import { nextRevision } from '../../src/registry/services/model/services.ts';
import { type RegistryRing, startRegistryRing } from './registry-ring.ts';

let ring: RegistryRing;

beforeAll(async () => {
  ring = await startRegistryRing();
}, 60_000);

afterAll(() => ring.close());

const needs = (service: string) => edgesOf([{ service, versionRange: '*', required: true, pending: false }]);

/** What a process does before it dies. */
async function declared(node: string, edges = noEdges, removing = false): Promise<void> {
  const change = { id: `of-${node}`, node, edges, removing, allowed: () => true };
  expect(await declare(ring.context, change)).toBeDefined();
}

const longAfter = 11_000;

async function neededBy(node: string): Promise<string[]> {
  const { edges, intents } = await currentGraph(ring.context);
  expect(intents).toEqual([]);
  return (edges.get(node)?.services ?? []).map(({ service }) => service);
}

it('an intent counts until it is old, and a registration that did not come about is forgotten then', async () => {
  await ring.register('store');
  await declared('lost', needs('store'));
  expect((await currentGraph(ring.context)).intents).toHaveLength(1);
  ring.pass(longAfter);
  expect(await neededBy('lost')).toEqual([]);
  expect(await ring.deregister('store')).toBe('done');
});

it('a registration that was written before the crash keeps what it needs', async () => {
  await ring.register('disk');
  await ring.register('written');
  await declared('written', needs('disk'));
  const record = await ring.context.services.get('written', { consistent: true });
  const [version] = record?.versions ?? [];
  if (!record || !version) throw new Error('the service was registered');
  const next = {
    ...record,
    revision: record.revision + 1,
    versions: [{ ...version, dependencies: [...needs('disk').services] }],
  };
  expect(await ring.context.services.put(next, record.revision)).toBe(true);
  ring.pass(longAfter);
  expect(await neededBy('written')).toEqual(['disk']);
  expect(await ring.deregister('disk')).toBe('service.in-use');
});

it('a removal that did not come about is forgotten, and one that did leaves no edges', async () => {
  for (const name of ['base', 'kept', 'gone']) await ring.register(name);
  await ring.register('kept', ['base']);
  await ring.register('gone', ['base']);
  await declared('kept', noEdges, true);
  await declared('gone', noEdges, true);
  const gone = await ring.context.services.get('gone', { consistent: true });
  expect(await ring.context.services.delete('gone', gone?.revision ?? 0)).toBe(true);
  ring.pass(longAfter);
  expect(await neededBy('kept')).toEqual(['base']);
  expect(await neededBy('gone')).toEqual([]);
  expect(await ring.register('needs-kept', ['kept'])).toBe('done');
});

it('a definition that did not come about is forgotten', async () => {
  await ring.register('tool');
  await declared(workflowNode('unwritten'), needs('tool'));
  ring.pass(longAfter);
  expect(await neededBy(workflowNode('unwritten'))).toEqual([]);
  expect(await ring.deregister('tool')).toBe('done');
});

it('whoever wakes up after its intent was completed cannot write a record that the graph knows nothing of', async () => {
  await ring.register('target');
  const { services, clock } = ring.context;
  const edges = needs('target');
  const sleeper = changeGraph(ring.context, {
    id: 'of-sleeper',
    node: 'sleeper',
    edges,
    removing: false,
    allowed: () => true,
    async write() {
      ring.pass(longAfter);
      expect(await ring.deregister('target')).toBe('done');
      const version = {
        name: 'sleeper',
        version: '1.0.0',
        transport: 'rest' as const,
        dependencies: [...edges.services],
        tags: [],
        labels: {},
        managedBy: 'api' as const,
        registeredAt: '2026-11-24T10:00:00Z',
        updatedAt: '2026-11-24T10:00:00Z',
      };
      const revision = nextRevision(undefined, clock.now());
      const written = await services.put({ name: 'sleeper', revision, versions: [version] }, undefined);
      return written || undefined;
    },
  });
  expect(await sleeper).toBeUndefined();
  expect(await services.get('sleeper', { consistent: true })).toBeUndefined();
  expect(await neededBy('sleeper')).toEqual([]);
  expect(await ring.register('sleeper')).toBe('done');
});
