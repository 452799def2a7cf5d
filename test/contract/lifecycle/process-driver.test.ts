import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createProcessDriver } from '../../../src/lifecycle/drivers/process/process-driver.ts';
import { describeDriver } from './driver-contract.ts';
import { useProcessDriver, within } from './process-driver-in-use.ts';
import { answerOf, listening, processSubject } from './process-subject.ts';

describeDriver('The process driver', () => processSubject());

const isPosix = process.platform !== 'win32';

describe.runIf(isPosix)('what the process driver starts', () => {
  const at = useProcessDriver();

  it('is called on a free port, which it is given as PORT and in place of {port}, and listens on loopback', async () => {
    const source = `console.log(process.env.HOST, process.env.PORT, process.env.URL, 'at {port}'); ${listening}`;
    const start = at.subject.program('ported', source, { env: { URL: 'http://here:{port}' } });
    const { url } = await at.driver.start(start);
    const port = Number(new URL(url ?? '').port);
    await expect.poll(() => answerOf(url), within).toBe(String(port));
    expect(await at.driver.logs(start, 50)).toEqual([
      `127.0.0.1 ${port} http://here:${port} at ${port}`,
      'it listens',
    ]);
  });

  it('finds of the environment what programs need and its own settings, and nothing of the orchestrator', async () => {
    const source = `const { ADMIN_KEY, PATH, HOST, COLOUR } = process.env;
      console.log(JSON.stringify({ ADMIN_KEY, path: PATH.length > 0, HOST, COLOUR, cwd: process.cwd() }));`;
    const start = at.subject.program('environment', source, {
      env: { COLOUR: 'green', HOST: '0.0.0.0' },
      cwd: at.subject.dataDir,
    });
    const careless = createProcessDriver({
      dataDir: at.subject.dataDir,
      env: { ...process.env, ADMIN_KEY: 'secret' },
    });
    await careless.start(start);
    const exit = await at.exitOf(start);
    careless.close?.();
    expect(exit?.lastLines?.map((line) => JSON.parse(line))).toEqual([
      { path: true, HOST: '0.0.0.0', COLOUR: 'green', cwd: at.subject.dataDir },
    ]);
  });

  it('runs before it listens: where it will be called is known at once', async () => {
    const start = at.subject.program('late', `setTimeout(() => { ${listening} }, 300);`);
    const { state: first, url } = await at.driver.start(start);
    expect(first).toBe('RUNNING');
    await expect.poll(() => answerOf(url), within).toBe(new URL(url ?? '').port);
  });

  it('ends at once: that is told with its code and its last lines', async () => {
    const source = `console.log('I begin'); console.error('there is no configuration'); process.exitCode = 3;`;
    const start = at.subject.program('short', source);
    await at.driver.start(start);
    expect(await at.exitOf(start)).toEqual({
      how: 'with code 3',
      lastLines: ['I begin', 'there is no configuration'],
    });
    expect(await at.driver.start(start)).toMatchObject({ state: 'EXITED' });
    expect(await at.subject.copies(start)).toBe(0);
    await expect.poll(() => at.told, within).toMatchObject([{ id: 'i-short', exit: { how: 'with code 3' } }]);
    // With it go the runners that wait for the next start.
    at.driver.close?.();
    await expect.poll(() => at.subject.running(), within).toEqual([]);
  });

  it('ignores SIGTERM: it is ended by force after its grace', async () => {
    const source = `process.on('SIGTERM', () => console.log('I stay')); ${listening}`;
    const start = at.subject.program('stubborn', source, { stopGraceSeconds: 1 });
    await at.driver.start(start);
    await expect.poll(at.logs(start), within).toBe('it listens');
    await at.driver.stop(start);
    await expect.poll(at.logs(start), within).toBe('it listens\nI stay');
    expect(await at.driver.describe(start)).toMatchObject({ state: 'RUNNING' });
    expect(await at.exitOf(start)).toMatchObject({ how: 'by SIGKILL, as it did not end within 1 s' });
    expect(await at.subject.copies(start)).toBe(0);
  });

  const forking = (then: string): string => `
    const { spawn } = require('node:child_process');
    const source = "process.on('SIGTERM', () => undefined); setInterval(() => undefined, 1000); console.log('forked')";
    spawn(process.execPath, ['-e', source, process.argv.at(-1)], { stdio: ['ignore', 'inherit', 'inherit'] });
    ${then}
  `;

  it('forks children that outlive it: when it is stopped they end with it', async () => {
    const start = at.subject.program('parent', forking(listening), { stopGraceSeconds: 1 });
    await at.driver.start(start);
    await expect
      .poll(async () => (await at.logs(start)()).split('\n').sort(), within)
      .toEqual(['forked', 'it listens']);
    expect(await at.subject.copies(start)).toBe(2);
    await at.driver.stop(start);
    expect(await at.exitOf(start)).toMatchObject({ how: 'by SIGTERM' });
    expect(await at.subject.copies(start)).toBe(0);
  });

  it('dies and leaves a child behind: that one is ended before the death is told', async () => {
    const source = forking(`setTimeout(() => process.exit(1), 300);`);
    const start = at.subject.program('orphan', source);
    await at.driver.start(start);
    await expect
      .poll(() => at.told, within)
      .toMatchObject([{ id: 'i-orphan', exit: { how: 'with code 1' } }]);
    expect(await at.subject.copies(start)).toBe(0);
  });

  it('says 100 MB: the last of it is kept, in two files of 5 MB, and its runner stays small', {
    tags: ['long'],
    timeout: 60_000,
  }, async () => {
    const source = `
      const line = 'x'.repeat(99) + '\\n';
      let count = 0;
      const more = () => {
        while (count < 1_000_000) if (!process.stdout.write(count++ % 2 ? line : line)) return process.stdout.once('drain', more);
        process.stdout.write('that is all\\n');
        setInterval(() => undefined, 1000);
      };
      more();
    `;
    const start = at.subject.program('talker', source);
    await at.driver.start(start);
    await expect.poll(() => at.driver.logs(start, 1), { timeout: 50_000 }).toEqual(['that is all']);
    const folder = join(at.subject.record(), '..');
    const sizes = ['output.log', 'output.1.log'].map((name) => statSync(join(folder, name)).size);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(5 * 1_048_576);
    const { runner } = JSON.parse(readFileSync(at.subject.record(), 'utf8'));
    expect(residentMegabytes(runner.pid)).toBeLessThan(120);
    await at.driver.stop(start);
    await at.exitOf(start);
    expect(await at.driver.logs(start, 1)).toEqual(['that is all']);
    expect(statSync(join(folder, 'output.log')).size).toBe(1_048_576);
    expect(existsSync(join(folder, 'output.1.log'))).toBe(false);
  });

  it('says what of this machine keeps it from starting, and is started when that is no longer so', async () => {
    const start = at.subject.program('late', listening);
    const instances = join(at.subject.dataDir, 'instances');
    writeFileSync(instances, 'in the way');
    await expect(at.driver.start(start)).rejects.toMatchObject({
      code: 'service.failed',
      message: expect.stringMatching(/^Instance i-late was not started: EEXIST: file already exists/),
    });
    rmSync(instances);
    await at.driver.start(start);
    await expect.poll(at.state(start), within).toBe('RUNNING');
  });

  it('is refused where its program or its folder is not there, and nothing is kept of it', async () => {
    const missing = at.subject.program('missing', '', { command: ['no-such-program'] });
    await expect(at.driver.start(missing)).rejects.toMatchObject({
      code: 'driver.refused',
      message:
        'Service clock cannot be started here: no-such-program is not there, neither as a path nor in PATH',
    });
    const nowhere = at.subject.program('nowhere', 'nothing', { cwd: '/no/such/folder' });
    await expect(at.driver.start(nowhere)).rejects.toMatchObject({
      code: 'driver.refused',
      message: 'Service clock cannot be started here: there is no folder /no/such/folder to run in',
    });
    const faulty = at.subject.program('faulty', '', { command: [] });
    await expect(at.driver.start(faulty)).rejects.toMatchObject({ code: 'driver.refused' });
    expect(await at.driver.list()).toEqual([]);
  });
});

/** What a process holds in memory. */
const residentMegabytes = (pid: number): number =>
  Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1024;
