/** What a plan of a large manifest asks of the database, and that others have their turn while it is made. */
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { Table } from '../../../src/aws/table.ts';
import { parseManifest } from '../../../src/manifest/model/manifest.ts';
import { type ManifestPlan, planManifest } from '../../../src/manifest/plan-manifest.ts';
import { type Ring, startRing } from '../../risks/execution-ring.ts';

let ring: Ring;

beforeAll(async () => {
  ring = await startRing();
}, 60_000);

afterEach(() => {
  vi.restoreAllMocks();
});

afterAll(() => ring.close());

const many = <T>(count: number, of: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => of(n));
const rest = { id: 'rest', wait: { seconds: 1 } };
const document = {
  services: Object.fromEntries(
    many(150, (n) => [`service-${n}`, { transport: 'rest', url: 'http://127.0.0.1:9/' }]),
  ),
  workflows: many(120, (n) => ({
    name: `workflow-${n}`,
    steps: [rest, ...(n === 0 ? [{ id: 'nested', workflow: { name: 'workflow-1' } }] : [])],
  })),
};

const plan = (): Promise<ManifestPlan> =>
  planManifest(ring.context, parseManifest(document, {}), { takeOver: false, appliedBy: 'api' });

it('150 services and 120 workflows are read a hundred at a time', async () => {
  const one = vi.spyOn(Table.prototype, 'get');
  const batch = vi.spyOn(Table.prototype, 'getAll');
  const { resources } = await plan();
  expect(resources).toHaveLength(270);
  expect(batch.mock.calls.map(([keys]) => keys.length)).toEqual([100, 50, 100, 20]);
  // What the manifest that was applied last named.
  expect(one).toHaveBeenCalledTimes(1);
});

it('the workflows that it names are there for those that run them, and others are looked for', async () => {
  const runs = (name: string) => ({ name: 'runs', steps: [{ id: 'nested', workflow: { name } }] });
  const planned = (workflows: object[]) =>
    planManifest(ring.context, parseManifest({ workflows }, {}), { takeOver: false, appliedBy: 'api' });
  await ring.define({ name: 'stored', steps: [rest] });
  expect((await planned([runs('stored')])).resources).toHaveLength(1);
  expect((await planned([runs('new'), { name: 'new', steps: [rest] }])).resources).toHaveLength(2);
  await expect(planned([runs('nowhere')])).rejects.toMatchObject({ code: 'workflow.invalid' });
});

it('others have their turn after each workflow', async () => {
  let turns = 0;
  let isDone = false;
  const count = (): void => {
    turns += 1;
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  await plan();
  isDone = true;
  expect(turns).toBeGreaterThan(120);
});
