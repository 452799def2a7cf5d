/** Which role each operation on instances needs, and what else it takes to name commands of this machine. */
import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Authorize } from '../../local/authorization.ts';
import { Role } from '../../src/access/model/access.ts';
import { type Answer, doors, mcpDoor, rest, restDoor } from '../system/clients.ts';
import { drivenService, servingThrough, until } from '../system/driven-services.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';

const bound = 60_000;
const adminKey = 'k'.repeat(32);
const secret = `whsec_${'c2Vj'.repeat(8)}`;

/** In place of a key each caller sends its role. */
const byRole: Authorize = async ({ headers }) => ({
  principalId: 'ann',
  role: headers['authorization']?.replace('Bearer ', ''),
});

let system: TestSystem;
let closed: TestSystem;

beforeAll(async () => {
  const services = [drivenService({ name: 'clock' })];
  const manifest = { services, workflows: [] };
  system = await startTestSystem({ manifest, adminKey, authorize: byRole, allowLocalDrivers: true });
  closed = await startTestSystem({ adminKey, authorize: byRole, webhooks: { secret } });
  await until(async () => (await servingThrough(as('viewer'), 'clock'))[0]);
}, bound);

afterAll(async () => {
  await system?.close();
  await closed?.close();
}, bound);

const as = (role: Role, open = restDoor) => open({ ...system.endpoints, adminKey: role });

const service = 'clock';
const instance = { service, id: 'clock-1' };
const dryRun = true;

interface Needed {
  readonly operation: string;
  readonly input: Record<string, unknown>;
  readonly needs: Role;
  /** What whoever may is answered; undefined when it is done. */
  readonly code?: string;
}

const needed: readonly Needed[] = [
  { operation: 'get_service_lifecycle', input: { service }, needs: 'viewer' },
  { operation: 'get_instance', input: instance, needs: 'viewer' },
  { operation: 'list_changes', input: {}, needs: 'viewer' },
  { operation: 'get_change', input: { changeId: 'none' }, needs: 'viewer', code: 'change.not-found' },
  { operation: 'cancel_change', input: { changeId: 'none' }, needs: 'operator', code: 'change.not-found' },
  { operation: 'start_service', input: { service, dryRun }, needs: 'operator' },
  { operation: 'stop_service', input: { service, dryRun }, needs: 'operator' },
  { operation: 'restart_service', input: { service, dryRun }, needs: 'operator' },
  { operation: 'scale_service', input: { service, instances: 2, dryRun }, needs: 'operator' },
  {
    operation: 'set_scaling_policy',
    input: { service, revision: 1, scaling: {} },
    needs: 'operator',
    code: 'service.managed-by-manifest',
  },
  {
    operation: 'start_instance',
    input: { ...instance, dryRun },
    needs: 'operator',
    code: 'instance.wrong-state',
  },
  { operation: 'stop_instance', input: { ...instance, dryRun }, needs: 'operator' },
  { operation: 'restart_instance', input: { ...instance, dryRun }, needs: 'operator' },
  {
    operation: 'recover_instance',
    input: { ...instance, dryRun },
    needs: 'operator',
    code: 'instance.wrong-state',
  },
  { operation: 'stop_all', input: { dryRun }, needs: 'admin' },
  { operation: 'resume_all', input: { dryRun }, needs: 'admin' },
];

const rankOf = (role: Role): number => Role.options.indexOf(role);

describe.each(doors)('over $door', ({ open }) => {
  it.each(needed)(
    '$operation is for the role $needs and those above it',
    async ({ operation, input, needs, code }) => {
      for (const role of Role.options) {
        const answer = await as(role, open)(operation, input);
        if (rankOf(role) >= rankOf(needs)) expect(answer, `${role}`).toMatchObject({ code });
        else
          expect(answer).toMatchObject({
            code: 'access.denied',
            body: { status: 403, detail: `${operation} needs the role ${needs}; you have ${role}` },
          });
      }
    },
  );
});

it('says which role each operation on instances needs', async () => {
  const files = await readdir(new URL('../../src/lifecycle/operations/', import.meta.url));
  const ids = files.map((file) => file.replace('.ts', '').replaceAll('-', '_'));
  expect(needed.map(({ operation }) => operation).sort()).toEqual(ids.sort());
});

it('answers 403 on the path of an operation too', async () => {
  const headers = { authorization: 'Bearer viewer' };
  expect(
    await rest(system.endpoints, ['POST', '/v1/services/clock/stop'], { headers, body: {} }),
  ).toMatchObject({ status: 403, body: { code: 'access.denied' } });
});

const drivers = {
  process: { kind: 'process', settings: { command: [process.execPath, '--version'] } },
  container: { kind: 'container', settings: { image: 'example/clock:1' } },
};

/** Every way in which a caller gives a service a driver. */
const ways: readonly [string, (name: string, driver: unknown) => Record<string, unknown>][] = [
  ['register_service', (name, driver) => ({ name, transport: 'rest', driver, desired: 'stopped' })],
  [
    'apply_manifest',
    (name, driver) => ({
      manifest: { services: { [name]: { transport: 'rest', driver, desired: 'stopped' } } },
      takeOver: true,
    }),
  ],
];

describe.each(['process', 'container'] as const)('the driver %s', (kind) => {
  const allowed = `giving a service the driver ${kind}, where ALLOW_LOCAL_DRIVERS=on allows that, needs the role admin; you have operator`;
  const off = `the driver ${kind} runs commands on this machine: put the service into the manifest file, or start the orchestrator with AUTH=on and ALLOW_LOCAL_DRIVERS=on`;
  const denied = { code: 'access.denied', body: { status: 403, detail: allowed } };
  const notAvailable = { code: 'driver.not-available', body: { status: 409, detail: off } };

  it.each(ways)('is given by %s to administrators, where it is allowed', async (operation, asking) => {
    const ask = (role: Role, at = system, open = restDoor): Promise<Answer> =>
      open({ ...at.endpoints, adminKey: role })(operation, asking(`new-${kind}`, drivers[kind]));
    for (const open of [restDoor, mcpDoor]) {
      expect(await ask('operator', system, open)).toMatchObject(denied);
      expect(await ask('admin', closed, open)).toMatchObject(notAvailable);
    }
    expect(await ask('admin')).toMatchObject({ code: undefined });
  });

  it('is given to a service that is there to begin with by the same rule', async () => {
    const own = { name: `own-${kind}`, transport: 'rest' };
    const update = async (role: Role, at: TestSystem) => {
      const door = restDoor({ ...at.endpoints, adminKey: role });
      const { revision } = (await door('register_service', own)).body;
      return door('update_service', { name: own.name, revision, driver: drivers[kind], desired: 'stopped' });
    };
    expect(await update('operator', system)).toMatchObject(denied);
    expect(await update('admin', closed)).toMatchObject(notAvailable);
    expect(await update('admin', system)).toMatchObject({ code: undefined });
  });
});

it(
  'needs a key besides, since without one everybody is an administrator',
  async () => {
    const open = await startTestSystem({ allowLocalDrivers: true });
    try {
      const asked = { name: 'anybody', transport: 'rest', driver: drivers.process };
      expect(await restDoor(open.endpoints)('register_service', asked)).toMatchObject({
        code: 'driver.not-available',
        body: { detail: expect.stringContaining('AUTH=on and ALLOW_LOCAL_DRIVERS=on') },
      });
    } finally {
      await open.close();
    }
  },
  bound,
);

it('a driver that runs no commands here is for administrators, whatever is allowed', async () => {
  const driver = { kind: 'webhook', settings: { url: 'https://fleet.example.org/instances' } };
  const asked = { name: 'remote', transport: 'rest', driver, desired: 'stopped' };
  const ask = (role: Role) => restDoor({ ...closed.endpoints, adminKey: role })('register_service', asked);
  expect(await ask('operator')).toMatchObject({
    code: 'access.denied',
    body: { detail: 'giving a service a driver needs the role admin; you have operator' },
  });
  expect(await ask('admin')).toMatchObject({ code: undefined });
});
