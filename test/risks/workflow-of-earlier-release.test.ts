/** Risk: a workflow that an earlier release defined, without what it needs, is missed when a service is removed. */
import { expect, it } from 'vitest';
import { startRegistryRing } from './registry-ring.ts';

it('the same definition again tells the graph what the workflow needs, without a new version', async () => {
  const ring = await startRegistryRing();
  try {
    const { workflows, graph } = ring.context;
    await ring.register('store');
    await ring.define('flow', ['store']);
    const head = await workflows.head('flow');
    if (!head) throw new Error('the workflow was defined');
    await workflows.promote({ ...head, needs: undefined }, head.version);
    const read = await graph.read({ consistent: true });
    await graph.replace(read, { edges: new Map(), intents: [] });
    expect(await ring.define('flow', ['store'])).toBe('done');
    expect(await workflows.head('flow')).toEqual(head);
    expect(await ring.deregister('store')).toBe('service.in-use');
  } finally {
    await ring.close();
  }
}, 60_000);
