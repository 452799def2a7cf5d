/** Runners that wait for the next start: they make it faster, and are never left behind. */
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { keepSpareRunners } from '../../../src/lifecycle/drivers/process/spare-runners.ts';
import { isAlive } from '../../system/processes.ts';
import { useProcessDriver, within } from './process-driver-in-use.ts';
import { listening } from './process-subject.ts';

const isPosix = process.platform !== 'win32';

describe.runIf(isPosix)('after a start', () => {
  const at = useProcessDriver();
  /** Besides the runner and its child. */
  const spares = (started = 2) => at.subject.running().length - started;

  it('two runners wait, and the next start takes one of them', async () => {
    const first = at.subject.program('first', listening);
    await at.driver.start(first);
    await expect.poll(() => spares(), within).toBe(2);
    const waiting = at.subject.running();
    await at.driver.stop(first);
    await at.exitOf(first);
    const next = at.subject.program('next', listening);
    await at.driver.start(next);
    await expect.poll(at.logs(next), within).toBe('it listens');
    const runners = at.subject.records().map(({ runner }) => runner.pid);
    expect(waiting.filter((pid) => runners.includes(pid))).toHaveLength(2);
  });

  it('none is left when the orchestrator ends or is killed', async () => {
    await at.driver.start(at.subject.program('ended', listening));
    await expect.poll(() => spares(), within).toBe(2);
    at.driver.close?.();
    await expect.poll(() => spares(), within).toBe(0);

    const start = at.subject.program('killed', listening);
    const program = fileURLToPath(new URL('./driver-holder.ts', import.meta.url));
    const holder = fork(program, [at.subject.dataDir, JSON.stringify(start)], {
      execArgv: ['--import', 'tsx'],
    });
    await once(holder, 'message', { signal: AbortSignal.timeout(15_000) });
    // The orchestrator itself has the folder in its command.
    await expect.poll(() => spares(5), within).toBe(2);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    await expect.poll(() => spares(4), within).toBe(0);
  });

  it('one that was killed while it waited is no start less', async () => {
    await at.driver.start(at.subject.program('before', listening));
    await expect.poll(() => spares(), within).toBe(2);
    const started = at.subject.records().flatMap(({ runner, child }) => [runner.pid, child.pid]);
    for (const pid of at.subject.running()) if (!started.includes(pid)) process.kill(pid, 'SIGKILL');
    const after = at.subject.program('after', listening);
    expect(await at.driver.start(after)).toMatchObject({ state: 'RUNNING' });
    await expect.poll(at.logs(after), within).toBe('it listens');
    expect(await at.subject.copies(after)).toBe(1);
  });
});

describe('while nothing starts', () => {
  afterEach(() => void vi.useRealTimers());

  it('one waits after a minute, and none after an hour', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const started: number[] = [];
    const end = new AbortController();
    const { take, fill } = keepSpareRunners(() => {
      const one = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: 'pipe' });
      started.push(one.pid ?? 0);
      return one;
    }, end.signal);
    const alive = () => started.filter(isAlive).length;
    fill();
    expect(alive()).toBe(2);
    vi.advanceTimersByTime(60_000);
    await vi.waitFor(() => expect(alive()).toBe(1));
    vi.advanceTimersByTime(3_600_000);
    await vi.waitFor(() => expect(alive()).toBe(0));
    expect(take()).toBeUndefined();
    fill();
    expect(alive()).toBe(2);
    end.abort();
    await vi.waitFor(() => expect(alive()).toBe(0));
    fill();
    expect(started).toHaveLength(4);
  });
});
