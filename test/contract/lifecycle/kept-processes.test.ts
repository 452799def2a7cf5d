import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DrivenStart, Driver, Listed } from '../../../src/instances/driver.ts';
import { createProcessDriver } from '../../../src/lifecycle/drivers/process/process-driver.ts';
import { answerOf, listening, type ProcessSubject, processSubject } from './process-subject.ts';

const within = { timeout: 10_000, interval: 25 };
const isPosix = process.platform !== 'win32';

describe.runIf(isPosix)('what a process driver has started', () => {
  let subject: ProcessSubject;
  let driver: Driver;
  let told: Listed[];
  beforeEach(async () => {
    subject = await processSubject();
    driver = subject.open();
    told = [];
    driver.onExit?.((ended) => told.push(ended));
  });
  afterEach(async () => {
    driver.close?.();
    await subject.close();
  });

  const state =
    (start: DrivenStart, asked = driver) =>
    async (): Promise<string> =>
      (await asked.describe(start)).state;
  const logs = (start: DrivenStart) => async (): Promise<string> =>
    (await driver.logs(start, 50))?.join('\n') ?? '';
  const exitOf = async (start: DrivenStart) => {
    await expect.poll(state(start), within).toBe('EXITED');
    return (await driver.describe(start)).exit;
  };
  it('is found and stopped by the next driver when the process of the first was killed', async () => {
    const start = subject.program('survivor', listening);
    const program = fileURLToPath(new URL('./driver-holder.ts', import.meta.url));
    const holder = fork(program, [subject.dataDir, JSON.stringify(start)], {
      execArgv: ['--import', 'tsx'],
      detached: true,
    });
    const [started] = await once(holder, 'message', { signal: AbortSignal.timeout(15_000) });
    // As a terminal that is closed does, with all that belongs to it.
    process.kill(-(holder.pid ?? 0), 'SIGKILL');
    await once(holder, 'exit');
    expect(await driver.list()).toEqual([
      { service: 'clock', id: 'i-survivor', token: 'clock.i-survivor.1', ...started },
    ]);
    await expect.poll(() => answerOf(started.url), within).toBe(new URL(started.url).port);
    expect(await driver.start(start)).toEqual(started);
    expect(await subject.copies(start)).toBe(1);
    await driver.stop(start);
    await expect.poll(() => told, within).toMatchObject([{ id: 'i-survivor', state: 'EXITED' }]);
    expect(await subject.copies(start)).toBe(0);
  });

  it('is stopped though the socket of its runner is gone', { tags: ['long'] }, async () => {
    const start = subject.program('unheard', listening);
    await driver.start(start);
    driver.close?.();
    const { socket } = JSON.parse(readFileSync(subject.record(), 'utf8'));
    rmSync(socket);
    const next = subject.open();
    expect(await next.describe(start)).toMatchObject({ state: 'RUNNING' });
    await next.stop(start);
    await expect.poll(state(start, next), within).toBe('EXITED');
    expect(await subject.copies(start)).toBe(0);
  });

  it('ends with its runner when that is killed, and the end is told', async () => {
    const start = subject.program('bereft', listening);
    await driver.start(start);
    await expect.poll(logs(start), within).toBe('it listens');
    const { runner } = JSON.parse(readFileSync(subject.record(), 'utf8'));
    process.kill(runner.pid, 'SIGKILL');
    await expect
      .poll(() => told, within)
      .toMatchObject([
        { id: 'i-bereft', exit: { how: 'with its runner, which was killed', lastLines: ['it listens'] } },
      ]);
    await expect.poll(() => subject.copies(start), within).toBe(0);
  });

  it('is not mistaken for another process that was given its number since', async () => {
    const start = subject.program('former', listening);
    await driver.start(start);
    await driver.stop(start);
    await exitOf(start);
    const { ended, ...record } = JSON.parse(readFileSync(subject.record(), 'utf8'));
    const stranger = spawn(process.execPath, ['-e', 'process.stdin.pipe(process.stdout)'], {
      detached: true,
    });
    await once(stranger, 'spawn');
    const theirs = { pid: stranger.pid, began: '1' };
    writeFileSync(subject.record(), JSON.stringify({ ...record, runner: theirs, child: theirs }));
    const next = subject.open();
    expect(await next.describe(start)).toMatchObject({ exit: { how: 'with its runner, which was killed' } });
    await next.stop(start);
    stranger.stdin.write('I am here');
    const [answer] = await once(stranger.stdout, 'data', { signal: AbortSignal.timeout(5_000) });
    expect(String(answer)).toBe('I am here');
    stranger.kill('SIGKILL');
    expect(ended).toMatchObject({ how: 'by SIGTERM' });
  });

  it('ends when the data folder is deleted', { tags: ['long'] }, async () => {
    const start = subject.program('homeless', listening);
    await driver.start(start);
    await expect.poll(logs(start), within).toBe('it listens');
    rmSync(join(subject.dataDir, 'instances'), { recursive: true });
    await expect.poll(() => subject.copies(start), within).toBe(0);
    await expect.poll(() => subject.running(), within).toEqual([]);
  });

  it('leaves files that only their owner reads, and a socket where paths are too long for one in the folder', async () => {
    const dataDir = join(subject.dataDir, 'x'.repeat(60));
    mkdirSync(dataDir);
    const far = createProcessDriver({ dataDir, env: process.env });
    const start = subject.program('far', listening);
    await far.start(start);
    const files = readdirSync(join(dataDir, 'instances'), { recursive: true, encoding: 'utf8' });
    const modes = files.map((name) => statSync(join(dataDir, 'instances', name)).mode & 0o777);
    expect(new Set(modes)).toEqual(new Set([0o700, 0o600]));
    expect(files.filter((name) => name.endsWith('.sock'))).toEqual([]);
    const next = createProcessDriver({ dataDir, env: process.env });
    await next.stop(start);
    await expect.poll(state(start, next), within).toBe('EXITED');
    for (const one of [far, next]) one.close?.();
  });
});
