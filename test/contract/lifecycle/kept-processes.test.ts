import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createProcessDriver } from '../../../src/lifecycle/drivers/process/process-driver.ts';
import { useProcessDriver, within } from './process-driver-in-use.ts';
import { answerOf, listening } from './process-subject.ts';

const isPosix = process.platform !== 'win32';

describe.runIf(isPosix)('what a process driver has started', () => {
  const at = useProcessDriver();

  it('is found and stopped by the next driver when the process of the first was killed', async () => {
    const start = at.subject.program('survivor', listening);
    const program = fileURLToPath(new URL('./driver-holder.ts', import.meta.url));
    const holder = fork(program, [at.subject.dataDir, JSON.stringify(start)], {
      execArgv: ['--import', 'tsx'],
      detached: true,
    });
    const [started] = await once(holder, 'message', { signal: AbortSignal.timeout(15_000) });
    // As a terminal that is closed does, with all that belongs to it.
    process.kill(-(holder.pid ?? 0), 'SIGKILL');
    await once(holder, 'exit');
    expect(await at.driver.list()).toEqual([
      { service: 'clock', id: 'i-survivor', token: 'clock.i-survivor.1', ...started },
    ]);
    await expect.poll(() => answerOf(started.url), within).toBe(new URL(started.url).port);
    expect(await at.driver.start(start)).toEqual(started);
    expect(await at.subject.copies(start)).toBe(1);
    await at.driver.stop(start);
    await expect.poll(() => at.told, within).toMatchObject([{ id: 'i-survivor', state: 'EXITED' }]);
    expect(await at.subject.copies(start)).toBe(0);
  });

  it('is stopped though the socket of its runner is gone', { tags: ['long'] }, async () => {
    const start = at.subject.program('unheard', listening);
    await at.driver.start(start);
    at.driver.close?.();
    const { socket } = JSON.parse(readFileSync(at.subject.record(), 'utf8'));
    rmSync(socket);
    const next = at.subject.open();
    expect(await next.describe(start)).toMatchObject({ state: 'RUNNING' });
    await next.stop(start);
    await expect.poll(at.state(start, next), within).toBe('EXITED');
    expect(await at.subject.copies(start)).toBe(0);
  });

  it('ends with its runner when that is killed, and the end is told', async () => {
    const start = at.subject.program('bereft', listening);
    await at.driver.start(start);
    await expect.poll(at.logs(start), within).toBe('it listens');
    const { runner } = JSON.parse(readFileSync(at.subject.record(), 'utf8'));
    process.kill(runner.pid, 'SIGKILL');
    await expect
      .poll(() => at.told, within)
      .toMatchObject([
        { id: 'i-bereft', exit: { how: 'with its runner, which was killed', lastLines: ['it listens'] } },
      ]);
    await expect.poll(() => at.subject.copies(start), within).toBe(0);
  });

  it('is ended by force where its runner does not answer, and keeps nobody waiting until then', {
    tags: ['long'],
    timeout: 60_000,
  }, async () => {
    const start = at.subject.program('stuck', listening);
    await at.driver.start(start);
    const { runner } = JSON.parse(readFileSync(at.subject.record(), 'utf8'));
    process.kill(runner.pid, 'SIGSTOP');
    await at.driver.stop(start);
    expect(await at.state(start)()).toBe('RUNNING');
    const askedAgain = async (): Promise<string> => {
      await at.driver.stop(start);
      return await at.state(start)();
    };
    await expect.poll(askedAgain, { timeout: 50_000, interval: 25 }).toBe('EXITED');
    expect(await at.subject.copies(start)).toBe(0);
  });

  it('is not mistaken for another process that was given its number since', async () => {
    const start = at.subject.program('former', listening);
    await at.driver.start(start);
    await at.driver.stop(start);
    await at.exitOf(start);
    const { ended, ...record } = JSON.parse(readFileSync(at.subject.record(), 'utf8'));
    const stranger = spawn(process.execPath, ['-e', 'process.stdin.pipe(process.stdout)'], {
      detached: true,
    });
    await once(stranger, 'spawn');
    const theirs = { pid: stranger.pid, began: '1' };
    writeFileSync(at.subject.record(), JSON.stringify({ ...record, runner: theirs, child: theirs }));
    const next = at.subject.open();
    expect(await next.describe(start)).toMatchObject({ exit: { how: 'with its runner, which was killed' } });
    await next.stop(start);
    stranger.stdin.write('I am here');
    const [answer] = await once(stranger.stdout, 'data', { signal: AbortSignal.timeout(5_000) });
    expect(String(answer)).toBe('I am here');
    stranger.kill('SIGKILL');
    expect(ended).toMatchObject({ how: 'by SIGTERM' });
  });

  it('ends when the data folder is deleted', { tags: ['long'] }, async () => {
    const start = at.subject.program('homeless', listening);
    await at.driver.start(start);
    await expect.poll(at.logs(start), within).toBe('it listens');
    rmSync(join(at.subject.dataDir, 'instances'), { recursive: true });
    await expect.poll(() => at.subject.copies(start), within).toBe(0);
    await expect.poll(() => at.subject.running(), within).toEqual([]);
  });

  it('leaves files that only their owner reads, and a socket where paths are too long for one in the folder', async () => {
    const dataDir = join(at.subject.dataDir, 'x'.repeat(60));
    mkdirSync(dataDir);
    const far = createProcessDriver({ dataDir, env: process.env });
    const start = at.subject.program('far', listening);
    await far.start(start);
    const files = readdirSync(join(dataDir, 'instances'), { recursive: true, encoding: 'utf8' });
    const modes = files.map((name) => statSync(join(dataDir, 'instances', name)).mode & 0o777);
    expect(new Set(modes)).toEqual(new Set([0o700, 0o600]));
    expect(files.filter((name) => name.endsWith('.sock'))).toEqual([]);
    const next = createProcessDriver({ dataDir, env: process.env });
    await next.stop(start);
    await expect.poll(at.state(start, next), within).toBe('EXITED');
    for (const one of [far, next]) one.close?.();
  });
});
