import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrowsOf, nodesWithin } from '../../../../src/registry/dependencies/model/arrows.ts';
import { cyclePath, cycleText } from '../../../../src/registry/dependencies/model/cycle.ts';
import {
  type AllEdges,
  edgesOf,
  edgesWithIntents,
  emptyGraph,
  losingDependents,
  sameEdges,
  withEdges,
  workflowNode,
} from '../../../../src/registry/dependencies/model/graph.ts';
import { graphToMermaid } from '../../../../src/registry/dependencies/model/graph-text.ts';
import { impactOf } from '../../../../src/registry/dependencies/model/impact.ts';
import {
  neededFirst,
  startWaves,
  withRequired,
} from '../../../../src/registry/dependencies/model/start-order.ts';
import type { Dependency } from '../../../../src/registry/services/model/services.ts';

const needs = (service: string, more: Partial<Dependency> = {}): Dependency => ({
  service,
  versionRange: '*',
  required: true,
  pending: false,
  ...more,
});

/** As in `{ a: ['b', 'c?'] }`, where c is optional. */
const graphOf = (services: Record<string, readonly string[]>): AllEdges =>
  new Map(
    Object.entries(services).map(([name, needed]) => [
      name,
      edgesOf(needed.map((text) => needs(text.replace('?', ''), { required: !text.endsWith('?') }))),
    ]),
  );

/** Registrations that come one after the other: each is taken unless it would close a circle. */
const registrations = fc.array(
  fc.record({
    service: fc.constantFrom(...'abcdefgh'),
    dependencies: fc.uniqueArray(
      fc.record({ service: fc.constantFrom(...'abcdefgh'), required: fc.boolean() }),
      { maxLength: 4, selector: ({ service }) => service },
    ),
  }),
  { maxLength: 40 },
);

function registered(all: typeof registrations extends fc.Arbitrary<infer T> ? T : never): AllEdges {
  let edges: AllEdges = new Map();
  for (const { service, dependencies } of all) {
    const wanted = edgesOf(dependencies.map(({ service: name, required }) => needs(name, { required })));
    if (
      !cyclePath(
        edges,
        service,
        wanted.services.map((one) => one.service),
      )
    )
      edges = withEdges(edges, service, wanted);
  }
  return edges;
}

/** Whether an order exists, found by taking away what needs nothing, over and over. */
function isAcyclic(edges: AllEdges): boolean {
  const left = new Map(
    [...edges].map(([name, { services }]) => [name, services.map(({ service }) => service)]),
  );
  for (let before = -1; before !== left.size; ) {
    before = left.size;
    for (const [name, needed] of left) if (!needed.some((one) => left.has(one))) left.delete(name);
  }
  return left.size === 0;
}

describe('a circle', () => {
  it('is named by its shortest way, beginning and ending with who closes it', () => {
    const edges = graphOf({ b: ['c', 'd'], c: ['d'], d: ['e'], e: [] });
    expect(cycleText(cyclePath(edges, 'e', ['b']) ?? [])).toBe('e -> b -> d -> e');
    expect(cycleText(cyclePath(edges, 'a', ['a']) ?? [])).toBe('a -> a');
    expect(cyclePath(edges, 'a', ['b', 'e'])).toBeUndefined();
  });

  it('counts optional dependencies, and not those that the registration replaces', () => {
    const edges = graphOf({ a: ['b?'], b: ['c'] });
    expect(cyclePath(edges, 'c', ['a'])).toEqual(['c', 'a', 'b', 'c']);
    expect(cyclePath(edges, 'b', ['a'])).toEqual(['b', 'a', 'b']);
    expect(cyclePath(edges, 'a', ['c'])).toBeUndefined();
  });

  it('never comes about, whatever is registered in whatever order', () => {
    fc.assert(fc.property(registrations, (all) => isAcyclic(registered(all))));
  });

  it('is a way along dependencies, and refused only when there is one', () => {
    fc.assert(
      fc.property(
        registrations,
        fc.constantFrom(...'abcdefgh'),
        fc.constantFrom(...'abcdefgh'),
        (all, from, to) => {
          const edges = registered(all);
          const path = cyclePath(edges, from, [to]);
          expect(path === undefined).toBe(isAcyclic(withEdges(edges, from, edgesOf([needs(to)]))));
          const steps = (path ?? []).slice(1, -1).map((name, index) => [name, path?.[index + 2]]);
          for (const [name, next] of steps)
            expect(edges.get(name ?? '')?.services.map(({ service }) => service)).toContain(next);
        },
      ),
    );
  });
});

describe('the order of starts', () => {
  it('puts each service into the earliest wave that is possible', () => {
    const arrows = arrowsOf(graphOf({ mail: ['store', 'search?'], store: ['disk'], search: ['disk'] }));
    const waves = startWaves(arrows, new Set(['mail', 'store', 'search', 'disk', 'alone']));
    expect(waves.map((wave) => wave.map(({ service }) => service))).toEqual([
      ['alone', 'disk'],
      ['search', 'store'],
      ['mail'],
    ]);
    expect(waves[2]).toEqual([{ service: 'mail', requires: ['store'], after: ['search'] }]);
  });

  it('has every service once, and whatever it needs in an earlier wave', () => {
    fc.assert(
      fc.property(registrations, (all) => {
        const edges = registered(all);
        const services = new Set('abcdefgh');
        const waves = startWaves(arrowsOf(edges), services);
        const waveOf = new Map(
          waves.flatMap((wave, at) => wave.map(({ service }) => [service, at] as const)),
        );
        expect([...waveOf.keys()].sort()).toEqual([...services]);
        for (const [name, { services: needed }] of edges)
          for (const { service } of needed) expect(waveOf.get(service)).toBeLessThan(waveOf.get(name) ?? -1);
      }),
    );
  });

  it('adds what is required over any number of steps, and nothing that is only optional', () => {
    const arrows = arrowsOf(graphOf({ mail: ['store', 'search?'], store: ['disk'], search: ['words'] }));
    expect([...withRequired(arrows, ['mail'])]).toEqual(['mail', 'store', 'disk']);
  });

  it('puts registrations behind what they need, whatever their order, and keeps all of them', () => {
    const services = [
      { name: 'mail', dependencies: [needs('store'), needs('elsewhere')] },
      { name: 'store', dependencies: [needs('disk', { required: false })] },
      { name: 'disk', dependencies: [] },
    ];
    expect(neededFirst(services).map(({ name }) => name)).toEqual(['disk', 'store', 'mail']);
  });

  it('comes to an end over a circle, which no registration makes', () => {
    const waves = startWaves(arrowsOf(graphOf({ a: ['b'], b: ['a'], c: [] })), new Set(['a', 'b', 'c']));
    expect(waves.map((wave) => wave.map(({ service }) => service))).toEqual([['c'], ['a', 'b']]);
  });
});

describe('the impact of a stop', () => {
  it('stops what requires it, and degrades what has an optional dependency in between', () => {
    const edges = withEdges(
      graphOf({ mail: ['store'], search: ['store?'], page: ['search'], both: ['mail', 'search'] }),
      workflowNode('flow'),
      edgesOf([needs('page')], ['flow']),
    );
    const impact = impactOf(arrowsOf(edges), 'store');
    expect(impact.map(({ node, effect, direct, path }) => [node, effect, direct, path.length])).toEqual([
      ['mail', 'stops', true, 2],
      ['search', 'degraded', true, 2],
      ['both', 'stops', false, 3],
      ['page', 'degraded', false, 3],
      ['workflow:flow', 'degraded', false, 4],
    ]);
  });

  it('reaches exactly those that need it over some way', () => {
    fc.assert(
      fc.property(registrations, (all) => {
        const edges = registered(all);
        const reaches = (from: string): boolean =>
          (edges.get(from)?.services ?? []).some(({ service }) => service === 'a' || reaches(service));
        const affected = impactOf(arrowsOf(edges), 'a').map(({ node }) => node);
        expect(affected.sort()).toEqual([...'bcdefgh'].filter(reaches));
      }),
    );
  });
});

describe('a removal', () => {
  const edges = withEdges(
    new Map([
      ['old', edgesOf([needs('store', { versionRange: '^1.0.0' })])],
      ['any', edgesOf([needs('store', { required: false })])],
      ['next', edgesOf([needs('store', { versionRange: '^3.0.0', pending: true })])],
    ]),
    workflowNode('flow'),
    edgesOf([needs('store', { versionRange: '2.x' })]),
  );
  const losing = (before: string[], after: string[]) =>
    losingDependents(edges, { service: 'store', before, after }).map(({ node }) => node);

  it('takes away what the last version in a range was, and nothing from those that have none anyway', () => {
    expect(losing(['1.0.0', '1.1.0', '2.0.0'], ['1.1.0', '2.0.0'])).toEqual([]);
    expect(losing(['1.1.0', '2.0.0'], ['2.0.0'])).toEqual(['old']);
    expect(losing(['1.1.0', '2.0.0'], ['1.1.0'])).toEqual(['workflow:flow']);
    expect(losing(['1.1.0', '2.0.0'], [])).toEqual(['old', 'any', 'workflow:flow']);
  });
});

describe('a change that is under way', () => {
  it('counts as if it had come about, and what it drops is still there', () => {
    const intent = { id: '1', node: 'a', atMs: 0, removing: false, edges: edgesOf([needs('c')]) };
    const all = edgesWithIntents({ ...emptyGraph, edges: graphOf({ a: ['b'] }), intents: [intent] });
    expect(all.get('a')?.services.map(({ service }) => service)).toEqual(['b', 'c']);
  });
});

describe('edges', () => {
  it('are the same in any order, each once', () => {
    const one = edgesOf([needs('b'), needs('a'), needs('b')], ['y', 'x']);
    expect(sameEdges(one, edgesOf([needs('a'), needs('b')], ['x', 'y', 'x']))).toBe(true);
    expect(sameEdges(one, edgesOf([needs('a'), needs('b', { required: false })], ['x', 'y']))).toBe(false);
  });

  it('of several versions are one arrow, required when one of them requires it', () => {
    const edges = edgesOf([
      needs('b', { versionRange: '^1.0.0', required: false, pending: true }),
      needs('b', { versionRange: '^2.0.0' }),
    ]);
    expect(arrowsOf(new Map([['a', edges]]))).toEqual([
      { from: 'a', to: 'b', required: true, pending: false, versionRanges: ['^1.0.0', '^2.0.0'] },
    ]);
  });

  it('around a service are followed in one direction each way', () => {
    const arrows = arrowsOf(graphOf({ a: ['b'], b: ['c'], c: ['d'], sibling: ['c'] }));
    expect([...nodesWithin(arrows, 'b', 1)].sort()).toEqual(['a', 'b', 'c']);
    expect([...nodesWithin(arrows, 'b', 9)].sort()).toEqual(['a', 'b', 'c', 'd']);
  });
});

describe('Mermaid', () => {
  it('is drawn with numbers for ids, since a service may be called as a word of Mermaid', () => {
    const edges = withEdges(graphOf({ end: ['graph?'] }), workflowNode('end'), edgesOf([needs('end')]));
    const nodes = ['end', 'graph', 'workflow:end'].map((id) => ({ id, registered: id !== 'graph' }));
    expect(graphToMermaid(nodes, arrowsOf(edges)).split('\n').slice(1, 6)).toEqual([
      '  n0["end"]',
      '  n1["graph"]:::missing',
      '  n2(["end"])',
      '  n0 -.-> n1',
      '  n2 --> n0',
    ]);
  });
});
