import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { cpuOf, memoryOf } from './process-tree.ts';

/** Keeps 64 MB and takes half a second of CPU, once itself and once in a child, and then waits for its end. */
const program = `
  const kept = Buffer.alloc(64e6, 1);
  if (process.argv[1] === 'parent')
    require('node:child_process').spawn(process.execPath, ['-e', process.env.PROGRAM, 'child'], { stdio: 'inherit' });
  const used = ({ user, system }) => user + system;
  while (used(process.cpuUsage()) < 500_000);
  console.log('done');
  setInterval(() => kept, 1000);
  process.stdin.once('end', () => process.exit()).resume();
`;

describe.runIf(process.platform === 'linux')('CPU and memory of a process', () => {
  let parent: ChildProcess | undefined;

  afterEach(async () => {
    if (!parent) return;
    const ended = once(parent, 'close');
    parent.stdin?.end();
    parent = undefined;
    await ended;
  });

  it('are those of its children too', async () => {
    const running = spawn(process.execPath, ['-e', program, 'parent'], {
      env: { PROGRAM: program },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    parent = running;
    let said = '';
    running.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    while (said !== 'done\ndone\n') await once(running.stdout, 'data');
    expect(cpuOf([running.pid ?? 0])).toBeGreaterThan(950);
    expect(cpuOf([running.pid ?? 0])).toBeLessThan(3000);
    expect(memoryOf([running.pid ?? 0])).toBeGreaterThan(128e6);
    expect(memoryOf([running.pid ?? 0])).toBeLessThan(400e6);
  });

  it('cannot be told of none', () => {
    expect(cpuOf([])).toBeNaN();
    expect(memoryOf([])).toBeNaN();
  });
});
