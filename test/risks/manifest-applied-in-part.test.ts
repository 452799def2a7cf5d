/** A manifest that is applied in part, twice at once, over another one, or over what was changed meanwhile. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { carryOut } from '../../src/manifest/carry-out-plan.ts';
import { type Manifest, parseManifest } from '../../src/manifest/model/manifest.ts';
import { type ManifestPlan, planManifest } from '../../src/manifest/plan-manifest.ts';
import { putService } from '../../src/registry/services/put-service.ts';
import { createdMachine } from '../../src/workflows/put-workflow.ts';
import { replacing } from '../system/replacing.ts';
import { type Ring, type RingContext, startRing } from './execution-ring.ts';

let ring: Ring;

beforeAll(async () => {
  ring = await startRing();
}, 60_000);

afterAll(() => ring.close());

beforeEach(async () => {
  await apply(manifestOf({}));
});

const rest = { transport: 'rest', url: 'http://127.0.0.1:9/' };
const manifestOf = (services: Record<string, object>): Manifest => parseManifest({ services }, {});

const plan = (manifest: Manifest, takeOver = false): Promise<ManifestPlan> =>
  planManifest(ring.context, manifest, { takeOver, appliedBy: 'api' });

const carry = (planned: ManifestPlan, context: RingContext = ring.context) =>
  carryOut(context, planned, createdMachine(context));

async function apply(manifest: Manifest): Promise<void> {
  expect((await carry(await plan(manifest))).failed).toBeUndefined();
}

const actions = ({ resources }: ManifestPlan): string[] =>
  resources.map(({ action, name, drift }) => `${action} ${name}${drift ? ' (drift)' : ''}`);

/** A context in which the record of one service cannot be written, as when the process is killed there. */
const dyingAt = (name: string): RingContext => ({
  ...ring.context,
  services: replacing(ring.context.services, {
    put: (record, replaces) =>
      record.name === name
        ? Promise.reject(new Error('killed'))
        : ring.context.services.put(record, replaces),
  }),
});

/** A context in which what is remembered of the manifest can be written once, and not a second time. */
function dyingAtTheEnd(): RingContext {
  const { context } = ring;
  let puts = 0;
  return {
    ...context,
    appliedManifest: replacing(context.appliedManifest, {
      put: (applied, replaces) => {
        puts += 1;
        return puts > 1
          ? Promise.reject(new Error('killed'))
          : context.appliedManifest.put(applied, replaces);
      },
    }),
  };
}

it('goes on after a crash in the middle: what it had begun is its own', async () => {
  const manifest = manifestOf({ a: rest, b: rest, c: rest });
  const { failed } = await carry(await plan(manifest), dyingAt('b'));
  expect(failed).toMatchObject({ resource: { name: 'b' }, error: { code: 'internal.error' } });
  expect(actions(await plan(manifest))).toEqual(['unchanged a', 'create b', 'create c']);
  await apply(manifest);
  expect(actions(await plan(manifest))).toEqual(['unchanged a', 'unchanged b', 'unchanged c']);
});

it('knows its own after a crash before the end was written down', async () => {
  const manifest = manifestOf({ a: rest });
  await expect(carry(await plan(manifest), dyingAtTheEnd())).rejects.toThrow('killed');
  await apply(manifest);
  expect(actions(await plan(manifest))).toEqual(['unchanged a']);
  expect(actions(await plan(manifestOf({})))).toEqual(['delete a']);
});

it('lets one of two win that are applied at the same time, and the other say so', async () => {
  const [one, other] = [await plan(manifestOf({ one: rest })), await plan(manifestOf({ other: rest }))];
  const ended = await Promise.allSettled([carry(one), carry(other)]);
  const lost = ended.filter(({ status }) => status === 'rejected');
  expect(lost).toMatchObject([{ reason: { code: 'registry.conflict' } }]);
  await apply(manifestOf({ last: rest }));
  const { items } = await ring.context.services.list({ limit: 10 });
  expect(items.map(({ name }) => name)).toEqual(['last']);
});

it('shows as drift what was changed or removed since it was applied, and puts it right', async () => {
  const manifest = manifestOf({ changed: rest, gone: rest, kept: rest });
  await apply(manifest);
  const { context } = ring;
  const changed = manifestOf({ changed: { ...rest, owner: 'somebody' } }).services[0];
  if (changed) await putService(context, changed, { managedBy: 'manifest' });
  const record = await context.services.get('gone', { consistent: true });
  await context.services.delete('gone', record?.revision ?? 0);
  expect(actions(await plan(manifest))).toEqual([
    'change changed (drift)',
    'create gone (drift)',
    'unchanged kept',
  ]);
  await apply(manifest);
  expect(actions(await plan(manifest))).toEqual(['unchanged changed', 'unchanged gone', 'unchanged kept']);
});

it('leaves to a deployment what that manages: the same is unchanged, another is a conflict, none is deleted', async () => {
  const deployed = manifestOf({ deployed: rest });
  for (const service of deployed.services) await putService(ring.context, service, { managedBy: 'manifest' });
  await apply(deployed);
  expect(actions(await plan(deployed))).toEqual(['unchanged deployed']);
  const other = manifestOf({ deployed: { ...rest, owner: 'somebody' } });
  const planned = await plan(other);
  expect(actions(planned)).toEqual(['conflict deployed']);
  await expect(carry(planned)).rejects.toMatchObject({ code: 'manifest.conflict' });
  expect(actions(await plan(manifestOf({})))).toEqual([]);
  expect(actions(await plan(other, true))).toEqual(['change deployed']);
  expect((await carry(await plan(other, true))).failed).toBeUndefined();
  expect(actions(await plan(manifestOf({})))).toEqual(['delete deployed']);
});

it('does not take over what the API registers between the plan and its turn', async () => {
  const manifest = manifestOf({ early: rest, late: rest });
  const planned = await plan(manifest);
  await ring.register('late', 'rest', 'http://127.0.0.1:9/mine');
  const late = manifestOf({ late: rest }).services[0];
  if (late) await putService(ring.context, late, { managedBy: 'api' });
  const { failed } = await carry(planned);
  expect(failed?.error.code).toBe('manifest.conflict');
  expect(await ring.context.services.get('late', { consistent: true })).toMatchObject({
    versions: [{ version: '1.0.0' }, { version: '0.0.0', managedBy: 'api' }],
  });
});
