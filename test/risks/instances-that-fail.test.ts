/** Instances that end, never become healthy, or do not want to end: what becomes of them, and of who waits for them. */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import {
  changeIn,
  changeThrough,
  drivenService,
  endOfChange,
  instanceThrough,
  servingThrough,
  until,
} from '../system/driven-services.ts';
import { isAlive } from '../system/processes.ts';
import { doorOf, systemForTest } from '../system/system-for-test.ts';

const bound = 120_000;
const AddressInfo = z.object({ port: z.number() });

it(
  'one whose process is killed is started again, and its history says why',
  async () => {
    const door = await doorOf([drivenService({ name: 'mortal' })]);
    await until(async () => (await servingThrough(door, 'mortal'))[0]);
    const { lifecycle } = await instanceThrough(door, 'mortal', 'mortal-1');
    process.kill(Number(lifecycle.ref), 'SIGKILL');
    const again = await until(async () => {
      const now = await instanceThrough(door, 'mortal', 'mortal-1');
      return now.lifecycle.starts === 2 && now.state === 'RUNNING' ? now : undefined;
    });
    expect(again.lifecycle.exits).toMatchObject([{ how: 'it ended by SIGKILL' }]);
    expect(again.lifecycle.history.map(({ state }) => state)).toEqual([
      'PENDING',
      'STARTING',
      'RUNNING',
      'FAILED',
      'PENDING',
      'STARTING',
      'RUNNING',
    ]);
  },
  bound,
);

it(
  'one whose port another program has is not started, and never counts as healthy by what that answers',
  async () => {
    const stranger = createServer((_, response) => response.end('{"stranger":true}'));
    onTestFinished(() => void stranger.close());
    const port = await new Promise<number>((resolve) => {
      stranger.listen(0, '127.0.0.1', () => resolve(AddressInfo.parse(stranger.address()).port));
    });
    const door = await doorOf([drivenService({ name: 'late', port, env: { LISTEN_AFTER_MS: '60000' } })]);
    const failed = await until(async () => {
      const { code } = await door('get_instance', { service: 'late', id: 'late-1' });
      if (code !== undefined) return undefined;
      const now = await instanceThrough(door, 'late', 'late-1');
      return now.lifecycle.exits.length > 0 ? now : undefined;
    });
    expect(failed.lifecycle.exits[0]?.how).toBe(
      `it was refused: Service late cannot be started here: port ${port} is taken by another program`,
    );
    expect(failed.lifecycle.history.map(({ state }) => state)).not.toContain('RUNNING');
  },
  bound,
);

it('one that ends again and again is quarantined with what it said last, until somebody takes it out', {
  tags: ['long'],
  timeout: bound,
}, async () => {
  const door = await doorOf([drivenService({ name: 'crashing', env: { EXIT_AFTER_MS: '50' } })]);
  const given = await until(async () => {
    const { code } = await door('get_instance', { service: 'crashing', id: 'crashing-1' });
    if (code !== undefined) return undefined;
    const now = await instanceThrough(door, 'crashing', 'crashing-1');
    return now.state === 'QUARANTINED' ? now : undefined;
  });
  expect(given.lifecycle.exits.length).toBe(5);
  expect(given.lifecycle.history.at(-1)?.reason).toBe(
    'it ended with code 3, for the 5th time within 10 minutes: it is not started again until recover_instance; it said last: about to end',
  );
  expect(
    await door('call_service', { service: 'crashing', request: { method: 'GET', path: '/' } }),
  ).toMatchObject({
    code: 'service.unavailable',
  });
  const refused = await door('start_instance', { service: 'crashing', id: 'crashing-1' });
  expect(refused.body).toMatchObject({
    code: 'instance.wrong-state',
    detail:
      'crashing-1 is QUARANTINED: start_instance is for one that is STOPPED or FAILED or DRAINING or STOPPING; recover_instance starts it',
  });
  const { body } = await door('recover_instance', { service: 'crashing', id: 'crashing-1' });
  await until(async () => {
    const now = await instanceThrough(door, 'crashing', 'crashing-1');
    return now.lifecycle.starts > given.lifecycle.starts ? true : undefined;
  });
  await door('cancel_change', { changeId: changeIn(body).changeId });
  expect((await endOfChange(door, changeIn(body).changeId)).status).toBe('CANCELLED');
});

it('one that is never healthy is started again, and its history has the check that failed', {
  tags: ['long'],
  timeout: bound,
}, async () => {
  const healthCheck = { kind: 'http', path: '/health', intervalSeconds: 5, failuresBeforeUnhealthy: 1 };
  const sick = drivenService({
    name: 'sick',
    env: { BROKEN: '1' },
    more: { healthCheck: { ...healthCheck, graceSeconds: 0 } },
  });
  const { door, dataDir } = await systemForTest({ manifest: { services: [sick], workflows: [] } });
  const exit = await until(async () => {
    const { code } = await door('get_instance', { service: 'sick', id: 'sick-1' });
    return code === undefined
      ? (await instanceThrough(door, 'sick', 'sick-1')).lifecycle.exits[0]
      : undefined;
  });
  const log = await readFile(join(dataDir, 'log'), 'utf8');
  expect(log).toMatch(/"WARN","message":"instance failed; get_instance says why".*"instance":"sick-1"/);
  expect(exit?.how).toMatch(/^it was not healthy within 5 s \(.*503.*\)$/);
});

it(
  'a change fails that waits for one which never becomes healthy, and says why',
  async () => {
    const door = await doorOf([
      drivenService({
        name: 'broken',
        env: { BROKEN: '1' },
        more: {
          desired: 'stopped',
          healthCheck: { kind: 'http', path: '/health', intervalSeconds: 5, graceSeconds: 60 },
        },
      }),
      drivenService({ name: 'waiting', requires: ['broken'], more: { desired: 'stopped' } }),
    ]);
    const { body } = await door('start_service', { service: 'waiting', timeoutSeconds: 3 });
    const { changeId } = changeIn(body);
    expect(await until(async () => (await changeThrough(door, changeId)).why)).toMatch(/^broken: /);
    const end = await endOfChange(door, changeId);
    expect(end).toMatchObject({
      status: 'FAILED',
      why: expect.stringMatching(
        /^not done within 3 s: broken-1 is STARTING: its driver is asked \(its health check fails: .*503.*\)$/,
      ),
      waves: [{ status: 'FAILED' }, { status: 'PENDING' }],
    });
    const { problem } = await instanceThrough(door, 'broken', 'broken-1');
    expect(problem?.why).toMatch(/^its health check fails: .*503/);
    expect(await servingThrough(door, 'waiting')).toEqual([]);
  },
  bound,
);

it('one that ignores SIGTERM is ended by force after its grace', {
  tags: ['long'],
  timeout: bound,
}, async () => {
  const door = await doorOf([drivenService({ name: 'stubborn', env: { IGNORE_SIGTERM: '1' } })]);
  await until(async () => (await servingThrough(door, 'stubborn'))[0]);
  const { lifecycle } = await instanceThrough(door, 'stubborn', 'stubborn-1');
  const { body } = await door('stop_service', { service: 'stubborn' });
  expect((await endOfChange(door, changeIn(body).changeId)).status).toBe('SUCCEEDED');
  expect(isAlive(Number(lifecycle.ref))).toBe(false);
});

it('a new version that does not become healthy is taken back while the old one serves; a better one takes its place', {
  tags: ['long'],
  timeout: bound,
}, async () => {
  const adminKey = 'k'.repeat(32);
  const { door } = await systemForTest({ adminKey, allowLocalDrivers: true });
  const register = (version: string, env: Record<string, string>) =>
    door('register_service', { ...drivenService({ name: 'rolled', version, env }) });
  const versions = async () => (await servingThrough(door, 'rolled')).map(({ version }) => version);
  const rolloutThatIs = (status: string) =>
    until(async () => {
      const { changes } = Changes.parse((await door('list_changes', {})).body);
      return changes.find((change) => change.kind === 'rollout' && change.status === status);
    });
  await register('1.0.0', {});
  await until(async () => ((await versions()).length === 1 ? true : undefined));
  await register('2.0.0', { EXIT_AFTER_MS: '50' });
  const { changeId } = await rolloutThatIs('RUNNING');
  await until(async () =>
    /^rolled: rolled-2 is [A-Z]+: [^;]+$/.test((await changeThrough(door, changeId)).why ?? '')
      ? true
      : undefined,
  );
  const failed = await rolloutThatIs('FAILED');
  expect(failed.why).toContain('what was there before is brought back');
  expect(await versions()).toContain('1.0.0');
  await until(async () => ((await versions()).join() === '1.0.0' ? true : undefined));
  await register('3.0.0', {});
  await rolloutThatIs('SUCCEEDED');
  expect(await versions()).toEqual(['3.0.0']);
});

const Changes = z.object({
  changes: z.array(
    z.object({ changeId: z.string(), kind: z.string(), status: z.string(), why: z.string().optional() }),
  ),
});
