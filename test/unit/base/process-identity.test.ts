import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { identityOf, isRunning, stateByPs, stateInProc } from '../../../src/base/process-identity.ts';

async function sleeper() {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)']);
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'spawn');
  return { child, pid: child.pid ?? 0 };
}

describe.runIf(process.platform !== 'win32')('a process', () => {
  it('is known by its number and when it began, until it ends', async () => {
    const { child, pid } = await sleeper();
    const identity = identityOf(pid);
    expect(isRunning(identity)).toBe(true);
    expect(isRunning({ ...identity, began: 'at another time' })).toBe(false);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isRunning(identity)).toBe(false);
  });

  it('of which nobody kept when it began is taken for any of its number', async () => {
    const { pid } = await sleeper();
    expect(isRunning({ pid })).toBe(true);
  });

  it('began at one moment, however often ps is asked', async () => {
    const { pid } = await sleeper();
    const first = stateByPs(pid);
    expect(first?.began).toMatch(/\d{4}$/);
    expect(stateByPs(pid)).toEqual(first);
    expect(first?.ended).toBe(false);
  });

  it.runIf(process.platform === 'linux')('is in the group of who started it', async () => {
    const { pid } = await sleeper();
    expect(stateInProc(pid)?.group).toBe(stateInProc(process.pid)?.group);
    expect(stateInProc(2 ** 22)).toBeUndefined();
  });
});
