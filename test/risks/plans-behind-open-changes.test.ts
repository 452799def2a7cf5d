/** Changes that are asked for while others are under way: they are planned for what will be when their turn comes. */
import { expect, it } from 'vitest';
import type { Door } from '../system/clients.ts';
import {
  changeIn,
  drivenService,
  endOfChange,
  instanceThrough,
  servingThrough,
  until,
} from '../system/driven-services.ts';
import { doorOf } from '../system/system-for-test.ts';

const bound = 120_000;
const chain = ['base', 'middle', 'top'];

async function doorOfChain(): Promise<Door> {
  const door = await doorOf([
    drivenService({ name: 'base' }),
    drivenService({ name: 'middle', requires: ['base'] }),
    drivenService({ name: 'top', requires: ['middle'] }),
  ]);
  await until(async () => (await servingThrough(door, 'top'))[0]);
  return door;
}

const statusOf = async (door: Door, answer: { readonly body: unknown }): Promise<string> =>
  (await endOfChange(door, changeIn(answer.body).changeId)).status;

it('what starts while what it requires is being stopped starts that again too', {
  tags: ['long'],
  timeout: bound,
}, async () => {
  const door = await doorOfChain();
  await door('stop_service', { service: 'base', cascade: true });
  const started = await door('start_service', { service: 'top' });
  expect(started.body).toMatchObject({
    waves: chain.map((service) => [{ service, action: 'start', to: 1 }]),
  });
  expect(await statusOf(door, started)).toBe('SUCCEEDED');
  for (const name of chain) expect((await servingThrough(door, name)).length, name).toBe(1);
});

it('resume_all while stop_all is under way brings everything back, not only what has been stopped by then', {
  tags: ['long'],
  timeout: bound,
}, async () => {
  const door = await doorOfChain();
  await door('stop_all', {});
  const resumed = await door('resume_all', {});
  expect(resumed.body).toMatchObject({
    waves: chain.map((service) => [{ service, action: 'resume', from: 0, to: 1 }]),
  });
  expect(await statusOf(door, resumed)).toBe('SUCCEEDED');
  for (const name of chain) expect((await servingThrough(door, name)).length, name).toBe(1);
});

it('resume_all brings back everything but what does not start, and says in the end what that is', {
  tags: ['long'],
  timeout: bound,
}, async () => {
  const door = await doorOf([
    drivenService({ name: 'base' }),
    drivenService({ name: 'top', requires: ['base'] }),
    drivenService({ name: 'crashing', env: { EXIT_AFTER_MS: '50' } }),
  ]);
  await until(async () => {
    const { code } = await door('get_instance', { service: 'crashing', id: 'crashing-1' });
    if (code !== undefined) return undefined;
    return (await instanceThrough(door, 'crashing', 'crashing-1')).state === 'QUARANTINED' || undefined;
  });
  expect(await statusOf(door, await door('stop_all', {}))).toBe('SUCCEEDED');
  const ended = await endOfChange(door, changeIn((await door('resume_all', {})).body).changeId);
  expect(ended).toMatchObject({
    status: 'FAILED',
    why: expect.stringMatching(/^crashing-1 is QUARANTINED: /),
  });
  for (const name of ['base', 'top']) expect((await servingThrough(door, name)).length, name).toBe(1);
});

it('who asks for one more while another one is still to come asks for two more', {
  tags: ['long'],
  timeout: bound,
}, async () => {
  const door = await doorOf([drivenService({ name: 'copies' })]);
  await until(async () => (await servingThrough(door, 'copies'))[0]);
  await door('restart_service', { service: 'copies' });
  await door('scale_service', { service: 'copies', by: 1 });
  const second = await door('scale_service', { service: 'copies', by: 1 });
  expect(second.body).toMatchObject({ waves: [[{ service: 'copies', action: 'scale', from: 2, to: 3 }]] });
  expect(await statusOf(door, second)).toBe('SUCCEEDED');
  expect((await servingThrough(door, 'copies')).length).toBe(3);
});
