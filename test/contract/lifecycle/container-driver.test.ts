/**
 * The container driver against an engine of this machine, where there is one.
 *
 * @module-tag long
 */
import { afterAll, beforeAll, expect, it, onTestFinished, type TestContext } from 'vitest';
import * as z from 'zod';
import type { DrivenStart } from '../../../src/instances/driver.ts';
import { createContainerDriver } from '../../../src/lifecycle/drivers/container/container-driver.ts';
import { askEngine, type TestEngine, testEngine } from '../../system/container-engine.ts';
import { present, type Skipped } from '../../system/on-demand.ts';
import { describeDriver } from './driver-contract.ts';

let owners = 0;
const program = `
  console.log('limit ' + process.constrainedMemory() + ', ' + process.env.GREETING);
  process.on('SIGTERM', () => process.exit(0));
  require('node:http').createServer((_, response) => response.end('here')).listen(process.env.PORT);
  console.error('listening on ' + process.argv[1]);`;

let found: TestEngine | Skipped;
beforeAll(async () => {
  found = await testEngine();
}, 120_000);
afterAll(async () => {
  if ('close' in found) await found.close();
}, 30_000);

const Containers = z.array(z.object({ Id: z.string(), State: z.string() }));

async function containersWith(socketPath: string, label: string) {
  const filters = encodeURIComponent(JSON.stringify({ label: [label] }));
  const { text } = await askEngine(socketPath, 'GET', `/containers/json?all=1&filters=${filters}`);
  return Containers.parse(JSON.parse(text));
}

function subjectOf(context: Pick<TestContext, 'skip'>) {
  const { socketPath, image } = present(found, context);
  owners += 1;
  const owner = `test-${process.pid}-${owners}`;
  const running = async ({ token }: DrivenStart) =>
    (await containersWith(socketPath, `orchestrator.token=${token}`)).filter(({ State }) =>
      ['running', 'stopping'].includes(State),
    );
  return {
    owner,
    open: () => createContainerDriver({ socketPath, owner }),
    start: (name: string, settings: object = {}): DrivenStart => ({
      service: 'gmail',
      version: '1.0.0',
      transport: 'rest',
      id: name,
      token: `gmail.${name}.1`,
      settings: {
        image,
        command: [process.execPath, '-e', program, '{port}'],
        env: { GREETING: 'hello from {port}' },
        memoryMb: 256,
        stopGraceSeconds: 1,
        ...settings,
      },
    }),
    copies: async (start: DrivenStart) => (await running(start)).length,
    async end(start: DrivenStart) {
      for (const { Id } of await running(start))
        await askEngine(socketPath, 'POST', `/containers/${Id}/kill`);
    },
    says: 'listening on 8080',
    async close() {
      const all = await containersWith(socketPath, `orchestrator.owner=${owner}`);
      await Promise.all(
        all.map(({ Id }) => askEngine(socketPath, 'DELETE', `/containers/${Id}?force=1&v=1`)),
      );
    },
  };
}

describeDriver('the container driver', async (context) => subjectOf(context));

async function opened(context: TestContext) {
  const subject = subjectOf(context);
  const driver = subject.open();
  onTestFinished(async () => {
    driver.close?.();
    await subject.close();
  });
  return { ...subject, driver };
}

it('gives a container its port, its environment and its memory, and answers on this machine', async (context) => {
  const { driver, start: startOf } = await opened(context);
  const start = startOf('one', { port: 9000, path: '/api' });
  await driver.start(start);
  await expect
    .poll(() => driver.logs(start, 10))
    .toEqual(['limit 268435456, hello from 9000', 'listening on 9000']);
  const { url = '' } = await driver.describe(start);
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/api$/);
  await expect
    .poll(() =>
      fetch(url).then(
        (answer) => answer.text(),
        () => '',
      ),
    )
    .toBe('here');
});

it('says with which code a container ended, and its last lines, until it is stopped', async (context) => {
  const { driver, start: startOf } = await opened(context);
  const start = startOf('one', {
    command: [process.execPath, '-e', 'console.log("no room"); process.exit(3)'],
  });
  await driver.start(start);
  await expect.poll(async () => (await driver.describe(start)).state).toBe('EXITED');
  expect((await driver.describe(start)).exit).toEqual({ how: 'with code 3', lastLines: ['no room'] });
  await driver.stop(start);
  await expect.poll(async () => (await driver.describe(start)).state).toBe('GONE');
});

it('ends a container that ignores the request when its grace is over', async (context) => {
  const { driver, start: startOf, copies } = await opened(context);
  const stubborn = `process.on('SIGTERM', () => console.log('no')); setInterval(() => {}, 1000); console.log('up')`;
  const start = startOf('one', { command: [process.execPath, '-e', stubborn], stopGraceSeconds: 1 });
  await driver.start(start);
  await expect.poll(() => driver.logs(start, 1)).toEqual(['up']);
  await driver.stop(start);
  await expect.poll(() => driver.logs(start, 1)).toEqual(['no']);
  await expect.poll(() => copies(start), { timeout: 10_000 }).toBe(0);
});

it('leaves nothing of a container whose program is not there', async (context) => {
  const { driver, start: startOf } = await opened(context);
  const start = startOf('one', { command: ['/no/such/program'] });
  await expect(driver.start(start)).rejects.toThrow(/\/no\/such\/program/);
  expect(await driver.describe(start)).toMatchObject({ state: 'GONE' });
  expect(await driver.list()).toEqual([]);
});

it('says that an image cannot be fetched', async (context) => {
  const { driver, start: startOf } = await opened(context);
  const start = startOf('one', { image: 'localhost:1/nowhere:1' });
  expect(await driver.start(start)).toMatchObject({ state: 'PENDING' });
  await expect.poll(async () => (await driver.describe(start)).state, { timeout: 15_000 }).toBe('EXITED');
  expect((await driver.describe(start)).exit?.how).toContain(
    'before it ran: its image localhost:1/nowhere:1 could not be fetched: ',
  );
});

it('does not list or stop what another owner has started', async (context) => {
  const { driver, start: startOf, copies, owner } = await opened(context);
  const { socketPath } = present(found, context);
  const another = createContainerDriver({ socketPath, owner: `${owner}-other` });
  const start = startOf('one');
  await driver.start(start);
  expect(await another.list()).toEqual([]);
  await another.stop(start);
  expect(await another.describe(start)).toMatchObject({ state: 'GONE' });
  expect(await copies(start)).toBe(1);
});
