/**
 * `npm start`: the system dies, or the parent that starts it again.
 * @module-tag long
 */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { awaitStatus, type Door, restDoor, workflowIdOf } from '../system/clients.ts';
import { childrenOf, isAlive } from '../system/processes.ts';
import { json, startScriptedService } from '../system/scripted-service.ts';
import { ended, StartCommand } from '../system/start-command.ts';

let command: StartCommand;

beforeEach(async () => {
  command = await StartCommand.prepare('with-parent');
});
afterEach(() => command.close());

async function started(env?: Record<string, string>) {
  const running = await command.started(env);
  return { ...running, system: systemOf(running.child.pid) };
}

function systemOf(parent: number | undefined): number {
  const [system] = childrenOf(parent);
  if (system === undefined) throw new Error('the system does not run');
  return system;
}

/** The door to the system that runs after the one at this address. */
async function doorAfter(before: string): Promise<Door> {
  const api = async () => (await command.endpoints()).api;
  await expect.poll(api, { timeout: 20_000 }).not.toBe(before);
  return restDoor(await command.endpoints());
}

const allEnd = (processes: readonly number[]) =>
  expect.poll(() => processes.filter(isAlive), { timeout: 10_000 }).toEqual([]);

/** Makes the system start a process for expressions. */
async function evaluate(door: Door): Promise<void> {
  const output = '{% $sum($map([1, 2], function($n) { $n })) %}';
  await door('define_workflow', { name: 'adds', steps: [{ id: 'pause', wait: { seconds: 0 } }], output });
  const end = await awaitStatus(door, workflowIdOf(await door('start_workflow', { workflow: 'adds' })));
  expect(end.output).toBe(3);
}

it.each(['SIGSEGV', 'SIGKILL'] as const)(
  'after %s the system comes back, with one line, and every acknowledged execution ends',
  async (signal) => {
    const service = await startScriptedService(
      (_request, response) => void setTimeout(json, 50, response, {}),
    );
    const { child, endpoints, system, complaints } = await started();
    const before = restDoor(endpoints);
    await evaluate(before);
    const itsChildren = childrenOf(system);
    expect(itsChildren.length).toBeGreaterThan(0);
    await before('register_service', { name: 'slow', transport: 'rest', url: service.url });
    const call = (id: string) => ({ id, call: { service: 'slow', request: { method: 'GET', path: '/' } } });
    await before('define_workflow', { name: 'calls', steps: [call('a'), call('b'), call('c')] });
    const start = async () => workflowIdOf(await before('start_workflow', { workflow: 'calls' }));
    const ids = await Promise.all(Array.from({ length: 10 }, start));
    process.kill(system, signal);

    const after = await doorAfter(endpoints.api);
    const ends = await Promise.all(ids.map((id) => awaitStatus(after, id)));
    expect(ends.map(({ status }) => status)).toEqual(ids.map(() => 'SUCCEEDED'));
    expect(complaints()).toBe(
      `The system ended by ${signal}: it is started again and goes on where it was.\n`,
    );
    await allEnd(itsChildren);
    expect(childrenOf(child.pid)).toHaveLength(1);
    child.kill('SIGTERM');
    expect(await ended(child)).toBe(0);
    await service.close();
  },
  60_000,
);

it('says what died when a fault was caught by nothing, and starts the system again', async () => {
  const fault = join(command.folder, 'fault.mjs');
  await writeFile(
    fault,
    "process.on('SIGUSR2', () => void Promise.reject(new TypeError('it is no number')));",
  );
  const { child, endpoints, system, complaints } = await started({ NODE_OPTIONS: `--import ${fault}` });
  process.kill(system, 'SIGUSR2');
  await doorAfter(endpoints.api);
  expect(complaints()).toMatch(
    /^The system ends by a fault of its own: TypeError: it is no number, at [^\n]*fault.mjs[^\n]*\nThe system ended with code 70: it is started again [^\n]*\n$/,
  );
  child.kill('SIGTERM');
  expect(await ended(child)).toBe(0);
}, 60_000);

it('goes on when nobody reads any more what it says', async () => {
  const { child, endpoints, system } = await started({ LOG_OUTPUT: 'console' });
  const door = restDoor(endpoints);
  child.stdout.destroy();
  child.stderr.destroy();
  for (let requests = 0; requests < 5; requests++) await door('list_services');
  expect(systemOf(child.pid)).toBe(system);
  process.kill(system, 'SIGKILL');
  const after = await doorAfter(endpoints.api);
  expect((await after('list_services')).body).toMatchObject({ services: [] });
  child.kill('SIGTERM');
  expect(await ended(child)).toBe(0);
}, 60_000);

it('ends with a clear message when the system dies again and again', async () => {
  const { child, complaints, system } = await started();
  const next = async (before: number): Promise<number> => {
    const running = () => childrenOf(child.pid).find((pid) => pid !== before);
    await expect.poll(running, { timeout: 10_000, interval: 20 }).toBeDefined();
    return systemOf(child.pid);
  };
  let latest = system;
  process.kill(latest, 'SIGKILL');
  for (let deaths = 2; deaths <= 6; deaths++) {
    latest = await next(latest);
    process.kill(latest, 'SIGKILL');
  }
  expect(await ended(child)).toBe(70);
  const lines = complaints().trimEnd().split('\n');
  expect(lines).toHaveLength(6);
  expect(lines.at(-1)).toMatch(
    /^The system ended by SIGKILL, for the 6th time within a minute: it is not started again\./,
  );
}, 60_000);

it.each(['SIGTERM', 'SIGINT'] as const)(
  'ends once, and wholly, when %s reaches it, its system and their children at the same time',
  async (signal) => {
    const { child, endpoints, system, complaints } = await started();
    await evaluate(restDoor(endpoints));
    const all = [system, ...childrenOf(system)];
    process.kill(-Number(child.pid), signal);
    expect(await ended(child)).toBe(0);
    await allEnd(all);
    expect(complaints()).toBe('');
    // Let go of last.
    expect(existsSync(command.data('orchestrator.lock'))).toBe(false);
  },
  60_000,
);

it('ends a system that is still starting', async () => {
  const child = command.launch();
  await expect.poll(() => childrenOf(child.pid), { timeout: 10_000, interval: 20 }).not.toEqual([]);
  const system = systemOf(child.pid);
  child.kill('SIGTERM');
  expect(await ended(child)).toBe(0);
  expect(isAlive(system)).toBe(false);
}, 60_000);

it('ends the system and its children when the parent is killed, and says why', async () => {
  const { child, endpoints, system, complaints } = await started();
  await evaluate(restDoor(endpoints));
  const all = [system, ...childrenOf(system)];
  child.kill('SIGKILL');
  await allEnd(all);
  expect(complaints()).toBe('The process that started the system is gone: it ends.\n');
  expect(existsSync(command.data('orchestrator.lock'))).toBe(false);
}, 60_000);

it('ends with what the system ends with when it does not start, and when it only says something', async () => {
  expect(await command.run({ PORT: 'many' })).toMatchObject({
    code: 1,
    complaints: expect.stringMatching(/^Cannot start: [^\n]*PORT[^\n]*\n$/),
  });
  expect(await command.run({}, ['--version'])).toEqual({ code: 0, said: '0.1.0\n', complaints: '' });
}, 60_000);
