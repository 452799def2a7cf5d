/** The manifest of local mode over several starts: what comes, what goes, and what the API has applied in between. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { applyManifestAtStart } from '../../../local/apply-manifest-at-start.ts';
import { carryOut } from '../../../src/manifest/carry-out-plan.ts';
import { parseManifest } from '../../../src/manifest/model/manifest.ts';
import { planManifest } from '../../../src/manifest/plan-manifest.ts';
import { createdMachine } from '../../../src/workflows/put-workflow.ts';
import { type Ring, startRing } from '../../risks/execution-ring.ts';

let ring: Ring;

beforeEach(async () => {
  ring = await startRing();
}, 60_000);

afterEach(() => ring.close());

const rest = { transport: 'rest', url: 'http://127.0.0.1:9/' };
const waiting = (name: string) => ({ name, steps: [{ id: 'pause', wait: { seconds: 1 } }] });

interface Document {
  readonly services?: Record<string, object>;
  readonly workflows?: object[];
}

const start = (document: Document): Promise<void> =>
  applyManifestAtStart(ring.context, parseManifest(document, {}));

async function applyThroughApi(document: Document): Promise<void> {
  const { context } = ring;
  const manifest = parseManifest(document, {});
  const plan = await planManifest(context, manifest, { takeOver: false, appliedBy: 'api' });
  await carryOut(context, plan, createdMachine(context));
}

async function registered(): Promise<string[]> {
  const services = await ring.context.services.list({ limit: 10 });
  const workflows = await ring.context.workflows.list({ limit: 10 });
  return [...services.items, ...workflows.items].map(({ name }) => name);
}

it('withdraws what the start before named, and nothing that the API manages', async () => {
  await ring.register('own', 'rest', 'http://127.0.0.1:9/');
  await start({ services: { a: rest, b: rest }, workflows: [waiting('w'), waiting('x')] });
  expect(await registered()).toEqual(['a', 'b', 'own', 'w', 'x']);
  await start({ services: { a: rest }, workflows: [waiting('x')] });
  expect(await registered()).toEqual(['a', 'own', 'x']);
});

it('takes over what the API registered', async () => {
  await ring.register('own', 'rest', 'http://127.0.0.1:9/other');
  await start({ services: { own: { ...rest, version: '1.0.0' } } });
  expect(await ring.context.services.get('own', { consistent: true })).toMatchObject({
    versions: [{ url: 'http://127.0.0.1:9/', managedBy: 'manifest' }],
  });
});

it('keeps what was applied through the API, which withdraws it itself', async () => {
  await start({ services: { a: rest } });
  await applyThroughApi({ services: { a: rest, more: rest } });
  await start({ services: { a: rest } });
  expect(await registered()).toEqual(['a', 'more']);
  await applyThroughApi({ services: { a: rest } });
  expect(await registered()).toEqual(['a']);
});

it('writes nothing when the same manifest is started again', async () => {
  await start({ services: { a: rest }, workflows: [waiting('w')] });
  const before = await ring.context.appliedManifest.get();
  await start({ services: { a: rest }, workflows: [waiting('w')] });
  expect(await ring.context.appliedManifest.get()).toEqual(before);
});

it('names the workflow that is refused, and registers nothing then', async () => {
  const lost = { name: 'lost', steps: [{ id: 'call', call: { service: 'nobody', tool: 't' } }] };
  await expect(start({ services: { a: rest }, workflows: [lost] })).rejects.toThrow(
    /workflows\[0\]\.steps\[0\]\.call\.service/,
  );
  expect(await registered()).toEqual([]);
});
