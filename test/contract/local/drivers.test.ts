/** Which drivers local mode has. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createLocalDrivers, type LocalDriversOptions } from '../../../local/drivers.ts';

const secret = `whsec_${Buffer.from('0123456789abcdef01234567').toString('base64')}`;

async function localDrivers(options: Partial<LocalDriversOptions>) {
  const dataDir = await mkdtemp(join(tmpdir(), 'orchestrator-drivers-'));
  const local = createLocalDrivers({
    dataDir,
    env: {},
    allowedNetworks: [],
    onExit: () => undefined,
    ...options,
  });
  onTestFinished(async () => {
    local.close();
    await rm(dataDir, { recursive: true, force: true });
  });
  return local;
}

it.each<[string, Partial<LocalDriversOptions>, string[]]>([
  ['by itself', {}, ['process', 'container']],
  [
    'where the tools of Docker are told a socket',
    { dockerHost: 'unix:///run/podman.sock' },
    ['process', 'container'],
  ],
  ['where they are told another machine', { dockerHost: 'tcp://10.0.0.1:2376' }, ['process']],
  ['with a secret of webhooks', { webhooks: { secret } }, ['process', 'container', 'webhook']],
])('local mode has these drivers %s', async (_where, options, kinds) => {
  expect([...(await localDrivers(options)).drivers.keys()]).toEqual(kinds);
});

it('asks the engine that the tools of Docker are told', async () => {
  const { drivers } = await localDrivers({ dockerHost: 'unix:///nowhere/engine.sock' });
  const start = {
    service: 'gmail',
    version: '1.0.0',
    transport: 'rest' as const,
    id: 'gmail-1',
    token: 'gmail.gmail-1.1',
    settings: { image: 'example/gmail:1' },
  };
  await expect(drivers.get('container')?.start(start)).rejects.toThrow(
    'No container engine answers at /nowhere/engine.sock (ENOENT)',
  );
});

it.each([
  ['nobody', { secret }, false],
  ['whom SERVICE_SCALING_URL names', { secret, scalingUrl: 'https://scaler.example.org/' }, true],
])('tells new numbers of instances to %s', async (_whom, webhooks, tells) => {
  expect((await localDrivers({ webhooks })).scaled !== undefined).toBe(tells);
});
