/**
 * Risk: registrations, removals and definitions that come at the same moment leave a circle or a dangling edge behind.
 * @module-tag long
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { changeGraph } from '../../src/registry/dependencies/change-graph.ts';
import { cyclePath } from '../../src/registry/dependencies/model/cycle.ts';
import { edgesOfRecord } from '../../src/registry/dependencies/model/graph.ts';
import { inRange } from '../../src/registry/services/model/service-reference.ts';
import { edgesOfWorkflow } from '../../src/workflows/model/workflow-edges.ts';
import { type RegistryRing, startRegistryRing } from './registry-ring.ts';

let ring: RegistryRing;

beforeAll(async () => {
  ring = await startRegistryRing();
}, 60_000);

afterAll(() => ring.close());

/** A whole number from 0 up to `below`. */
const anyBelow = (below: number): number => Math.floor(Math.random() * below);
const pick = (from: readonly string[]): string => from[anyBelow(from.length)] ?? '';

it('two registrations that would close a circle together: one is taken, the other refused with the way around', async () => {
  for (let round = 0; round < 15; round++) {
    const [a, b] = [`a${round}`, `b${round}`];
    await ring.register(a);
    await ring.register(b);
    const answers = await Promise.all([ring.register(a, [b]), ring.register(b, [a])]);
    expect(answers.sort()).toEqual(['done', 'service.dependency-cycle']);
  }
}, 60_000);

it('three registrations that would close a circle together: two are taken', async () => {
  for (let round = 0; round < 10; round++) {
    const [x, y, z] = [`x${round}`, `y${round}`, `z${round}`];
    for (const name of [x, y, z]) await ring.register(name);
    const answers = await Promise.all([ring.register(x, [y]), ring.register(y, [z]), ring.register(z, [x])]);
    expect(answers.sort()).toEqual(['done', 'done', 'service.dependency-cycle']);
  }
}, 60_000);

it('a removal and a registration that comes to need it: one of the two is refused', async () => {
  for (let round = 0; round < 15; round++) {
    const [needed, needing] = [`needed${round}`, `needing${round}`];
    await ring.register(needed);
    const answers = await Promise.all([ring.deregister(needed), ring.register(needing, [needed])]);
    expect([
      ['done', 'service.not-found'],
      ['service.in-use', 'done'],
    ]).toContainEqual(answers);
  }
}, 60_000);

it('a removal and a workflow that comes to call it: one of the two is refused', async () => {
  for (let round = 0; round < 15; round++) {
    const [needed, flow] = [`called${round}`, `calling${round}`];
    await ring.register(needed);
    const answers = await Promise.all([ring.deregister(needed), ring.define(flow, [needed])]);
    expect([
      ['done', 'workflow.invalid'],
      ['service.in-use', 'done'],
    ]).toContainEqual(answers);
  }
}, 60_000);

it.each([
  ['a registration', 'service.not-found', (name: string) => ring.register(`needs-${name}`, [name])],
  ['a definition', 'workflow.invalid', (name: string) => ring.define(`calls-${name}`, [name])],
])('%s that comes in the middle of a removal waits for its end', async (_what, code, needing) => {
  const name = `middle-${code.split('.')[0]}`;
  await ring.register(name);
  const record = await ring.context.services.get(name, { consistent: true });
  let needed: Promise<string> = Promise.resolve('not asked');
  await changeGraph(ring.context, {
    id: name,
    node: name,
    edges: edgesOfRecord(undefined),
    removing: true,
    allowed: () => true,
    async write() {
      needed = needing(name);
      await new Promise((resolve) => setTimeout(resolve, 400));
      return ring.context.services.delete(name, record?.revision ?? 0);
    },
  });
  expect(await needed).toBe(code);
});

const names = ['s0', 's1', 's2', 's3', 's4', 's5'];
const flows = ['f0', 'f1'];
const versions = ['1.0.0', '2.0.0'];
const expected = [
  'done',
  'service.not-found',
  'service.dependency-cycle',
  'service.in-use',
  'registry.conflict',
  'workflow.invalid',
  'workflow.conflict',
];

function anything(): Promise<string> {
  const needed = [...new Set([pick(names), pick(names)])].slice(0, anyBelow(3));
  const dice = Math.random();
  if (dice < 0.45)
    return ring.register(
      pick(names),
      needed.map((service) => ({ service, versionRange: pick(['*', '^1.0.0', '^2.0.0']) })),
      pick(versions),
    );
  if (dice < 0.7) return ring.deregister(pick(names), Math.random() < 0.4 ? undefined : pick(versions));
  if (dice < 0.9) return ring.define(pick(flows), needed.length > 0 ? needed : [pick(names)]);
  return ring.archive(pick(flows));
}

/** The graph says what the records say, everything that is needed is there, and nothing goes in a circle. */
async function expectSound(): Promise<void> {
  const { services, workflows, graph } = ring.context;
  const { edges, intents } = await graph.read({ consistent: true });
  expect(intents).toEqual([]);
  const records = await services.getAll(names);
  for (const name of names) {
    const record = records.find((one) => one.name === name);
    expect([name, edges.get(name) ?? edgesOfRecord(undefined)]).toEqual([name, edgesOfRecord(record)]);
  }
  for (const flow of flows) {
    const head = await workflows.head(flow);
    expect(edges.get(`workflow:${flow}`) ?? edgesOfRecord(undefined)).toEqual(edgesOfWorkflow(head));
  }
  for (const node of [...names, ...flows.map((flow) => `workflow:${flow}`)]) {
    const needed = edges.get(node)?.services ?? [];
    for (const { service, versionRange } of needed) {
      const there = records.find(({ name }) => name === service)?.versions ?? [];
      expect([
        node,
        service,
        versionRange,
        there.some(({ version }) => inRange(version, versionRange)),
      ]).toEqual([node, service, versionRange, true]);
    }
    expect(
      cyclePath(
        edges,
        node,
        needed.map(({ service }) => service),
      ),
    ).toBeUndefined();
  }
}

it('register, deregister, depend, define and archive in any order at once leave no dangling edge', async () => {
  const seen = new Set<string>();
  for (let round = 0; round < 25; round++) {
    const answers = await Promise.all(Array.from({ length: 8 }, anything));
    for (const answer of answers) seen.add(answer);
    await expectSound();
  }
  expect(expected).toEqual(expect.arrayContaining([...seen]));
  expect([...seen]).toEqual(expect.arrayContaining(['done', 'service.in-use', 'service.not-found']));
}, 120_000);

it('forty registrations at once that all need one service are all taken', async () => {
  await ring.register('hub');
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, index) => ring.register(`spoke${index}`, ['hub'])),
  );
  expect(new Set(answers)).toEqual(new Set(['done']));
}, 60_000);
