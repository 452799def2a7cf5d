/** The container driver against what engines answer: recorded of a real one, and as the Docker Engine API says. */
import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import type { DrivenStart } from '../../../src/instances/driver.ts';
import { createContainerDriver } from '../../../src/lifecycle/drivers/container/container-driver.ts';
import { runContainerScenario } from './container-scenario.ts';
import { Exchange, replayEngine, serveOnSocket } from './recorded-engine.ts';

const name = 'orchestrator-gmail-e2fe07fb0921027e';

it('starts, tells of, lists and ends containers as a recorded engine answers', async () => {
  const fixture = new URL('../../fixtures/container-exchange.json', import.meta.url);
  const exchanges = z.array(Exchange).parse(JSON.parse(await readFile(fixture, 'utf8')));
  const { socketPath, close } = await replayEngine(exchanges);
  onTestFinished(close);
  const driver = createContainerDriver({ socketPath, owner: 'recorded' });
  const { started, again, ...seen } = await runContainerScenario(driver, { image: 'node', program: 'node' });
  expect(started).toMatchObject({ state: 'RUNNING', ref: name, url: 'http://127.0.0.1:37391/mcp' });
  expect(again).toEqual(started);
  expect(seen).toMatchObject({
    before: { state: 'GONE' },
    said: ['listening'],
    ended: {
      state: 'EXITED',
      exit: { how: 'with code 3', lastLines: ['reading the mailbox', 'no mailbox'] },
    },
    listed: [
      { service: 'gmail', id: 'i-1', token: 'gmail.i-1.1', state: 'RUNNING', ref: name },
      { service: 'gmail', id: 'i-2', token: 'gmail.i-2.1', state: 'EXITED', exit: { how: 'with code 3' } },
    ],
    after: { state: 'GONE' },
    left: [],
  });
});

const startOf = (settings: object): DrivenStart => ({
  service: 'gmail',
  version: '1.0.0',
  transport: 'mcp',
  id: 'i-1',
  token: 'gmail.i-1.1',
  settings: { image: 'example/gmail:1', ...settings },
});

type Answer = readonly [status: number, body?: unknown];

/** In place of a body: it tells on and on. */
const stillTelling = Symbol('still telling');

/** An engine that answers each request as told, with the last of its answers when there are no more. */
async function engineThat(answers: Readonly<Record<string, readonly Answer[]>>) {
  const asked: string[] = [];
  const bodies: string[] = [];
  const telling: ServerResponse[] = [];
  const { socketPath, close } = await serveOnSocket(async (request, response) => {
    let body = '';
    for await (const piece of request.setEncoding('utf8')) body += String(piece);
    const key = `${request.method} ${(request.url ?? '').replace(name, 'NAME')}`;
    const rows = answers[key] ?? [];
    const before = asked.filter((one) => one === key).length;
    asked.push(key);
    bodies.push(body);
    const [status, said] = rows[Math.min(before, rows.length - 1)] ?? [404, { message: `no ${key}` }];
    response.writeHead(status);
    if (said === stillTelling) {
      telling.push(response);
      response.write('{"status":"Pulling"}\n');
    } else response.end(typeof said === 'string' ? said : JSON.stringify(said));
  });
  onTestFinished(close);
  const driver = createContainerDriver({ socketPath, owner: 'recorded' });
  onTestFinished(() => driver.close?.());
  const tellNoMore = (): void => {
    for (const response of telling) response.end();
  };
  return { driver, asked, bodies, tellNoMore };
}

const inspected = (Status: string, more: object = {}): Answer => [
  200,
  {
    State: { Status, ExitCode: 0, OOMKilled: false, Error: '', ...more },
    NetworkSettings: {
      Ports: { '9000/tcp': null, '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: '49153' }] },
    },
  },
];
const missing: Answer = [404, { message: `No such container: ${name}` }];
const inspect = 'GET /containers/NAME/json';
const create = 'POST /containers/create?name=NAME';
const start = 'POST /containers/NAME/start';
const pull = 'POST /images/create?fromImage=example%2Fgmail&tag=1';

it('asks for a container with all that its settings say', async () => {
  const { driver, bodies } = await engineThat({
    [inspect]: [missing, inspected('running')],
    [create]: [[201, { Id: 'c' }]],
    [start]: [[204]],
  });
  const settings = {
    command: ['serve', '--port={port}'],
    env: { LOG_LEVEL: 'info', OWN_URL: 'http://localhost:{port}' },
    port: 9000,
    memoryMb: 64,
    cpus: 0.5,
  };
  await driver.start(startOf(settings));
  expect(JSON.parse(bodies[1] ?? '')).toEqual({
    Image: 'example/gmail:1',
    Cmd: ['serve', '--port=9000'],
    Env: ['PORT=9000', 'LOG_LEVEL=info', 'OWN_URL=http://localhost:9000'],
    Labels: {
      'orchestrator.owner': 'recorded',
      'orchestrator.service': 'gmail',
      'orchestrator.instance': 'i-1',
      'orchestrator.token': 'gmail.i-1.1',
    },
    StopTimeout: 10,
    ExposedPorts: { '9000/tcp': {} },
    HostConfig: {
      PortBindings: { '9000/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] },
      LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '2' } },
      RestartPolicy: { Name: 'no' },
      Memory: 67_108_864,
      NanoCpus: 500_000_000,
    },
  });
});

it('starts the container of its name that is there already, also where it was created and never started', async () => {
  const { driver, asked } = await engineThat({
    [inspect]: [inspected('created'), inspected('running')],
    [create]: [[409, { message: 'Conflict. The container name is already in use' }]],
    [start]: [[204]],
  });
  const url = 'http://127.0.0.1:49153/mcp';
  expect(await driver.start(startOf({}))).toMatchObject({ state: 'RUNNING', ref: name, url });
  expect(asked.filter((one) => one.startsWith('POST'))).toEqual([create, start]);
});

it('fetches an image that is not there, and is pending meanwhile', async () => {
  const { driver, asked } = await engineThat({
    [inspect]: [missing, missing, missing, inspected('running')],
    [create]: [
      [404, { message: 'No such image: example/gmail:1' }],
      [201, { Id: 'c' }],
    ],
    [pull]: [[200, '{"status":"Pulling from example/gmail"}\r\n{"status":"Download complete"}\r\n']],
    [start]: [[204]],
  });
  expect(await driver.start(startOf({}))).toEqual({ state: 'PENDING' });
  await expect.poll(async () => (await driver.describe(startOf({}))).state).toBe('RUNNING');
  expect(asked.filter((one) => one.startsWith('POST'))).toEqual([create, pull, create, start]);
});

it.each<[string, Answer, string]>([
  [
    'that says so while it fetches',
    [200, '{"status":"Pulling"}\n{"error":"no space left on device"}\n'],
    'no space left on device',
  ],
  [
    'that refuses',
    [404, { message: 'pull access denied' }],
    'The container engine answered 404: pull access denied',
  ],
])('says why an image could not be fetched, of an engine %s', async (_which, answer, why) => {
  const { driver } = await engineThat({
    [inspect]: [missing],
    [create]: [[404, { message: 'No such image' }]],
    [pull]: [answer],
  });
  await driver.start(startOf({}));
  await expect.poll(async () => (await driver.describe(startOf({}))).state).toBe('EXITED');
  expect(await driver.describe(startOf({}))).toEqual({
    state: 'EXITED',
    ref: name,
    exit: { how: `before it ran: its image example/gmail:1 could not be fetched: ${why}` },
  });
});

it('starts nothing of what was stopped while its image is fetched, and fetches it all the same', async () => {
  const { driver, asked, tellNoMore } = await engineThat({
    [inspect]: [missing],
    [create]: [[404, { message: 'No such image' }]],
    [pull]: [[200, stillTelling]],
  });
  await driver.start(startOf({}));
  await expect.poll(() => asked).toContain(pull);
  await driver.stop(startOf({}));
  expect(await driver.describe(startOf({}))).toEqual({ state: 'GONE' });
  tellNoMore();
  await driver.list().catch(() => undefined);
  expect(asked.filter((one) => one === create)).toHaveLength(1);
});

it('fetches an image once for all that wait for it', async () => {
  const { driver, asked } = await engineThat({
    [inspect]: [missing],
    [create]: [[404, { message: 'No such image' }]],
    'GET /containers/orchestrator-gmail-b28de62f94d80daa/json': [missing],
    'POST /containers/create?name=orchestrator-gmail-b28de62f94d80daa': [[404, { message: 'No such image' }]],
    [pull]: [[200, stillTelling]],
  });
  await driver.start(startOf({}));
  await driver.start({ ...startOf({}), token: 'gmail.i-2.1' });
  await expect.poll(() => asked.filter((one) => one.startsWith('POST'))).toHaveLength(3);
  expect(asked.filter((one) => one === pull)).toHaveLength(1);
});

it('removes what ended before of the same instance when it starts it again', async () => {
  const labels = {
    'orchestrator.service': 'gmail',
    'orchestrator.instance': 'i-1',
    'orchestrator.token': 'gmail.i-1.0',
  };
  const list =
    'GET /containers/json?all=true&filters=%7B%22label%22%3A%5B%22orchestrator.owner%3Drecorded%22%2C%22orchestrator.service%3Dgmail%22%2C%22orchestrator.instance%3Di-1%22%5D%7D';
  const earlier = {
    Names: ['/earlier'],
    Labels: labels,
    State: 'exited',
    Status: 'Exited (1) 2 minutes ago',
  };
  const { driver, asked } = await engineThat({
    [inspect]: [missing, inspected('running')],
    [create]: [[201, { Id: 'c' }]],
    [start]: [[204]],
    [list]: [[200, [earlier]]],
    'DELETE /containers/earlier?v=true': [[204]],
  });
  await driver.start(startOf({}));
  await expect.poll(() => asked).toContain('DELETE /containers/earlier?v=true');
});

it('stops what it finds, whose settings nobody knows any more', async () => {
  const stop = 'POST /containers/NAME/stop';
  const { driver, asked } = await engineThat({
    [inspect]: [inspected('running')],
    [stop]: [[204]],
    'DELETE /containers/NAME?v=true': [[204]],
  });
  await driver.stop({ ...startOf({}), settings: {} });
  await expect.poll(() => asked).toEqual([inspect, stop, 'DELETE /containers/NAME?v=true']);
});

it('takes away what cannot be started, and says why', async () => {
  const { driver, asked } = await engineThat({
    [inspect]: [missing],
    [create]: [[201, { Id: 'c' }]],
    [start]: [[400, { message: 'exec: "serve": executable file not found in $PATH' }]],
    'DELETE /containers/NAME?v=true': [[204]],
  });
  await expect(driver.start(startOf({}))).rejects.toMatchObject({
    code: 'driver.refused',
    message: 'The container engine answered 400: exec: "serve": executable file not found in $PATH',
  });
  expect(asked.at(-1)).toBe('DELETE /containers/NAME?v=true');
});

it('says that a container has used more memory than it may', async () => {
  const { driver } = await engineThat({
    [inspect]: [inspected('exited', { ExitCode: 137, OOMKilled: true })],
  });
  expect((await driver.describe(startOf({}))).exit?.how).toBe(
    'with code 137, as it used more memory than it may',
  );
});

it('says that no engine is there, which may be so for a while', async () => {
  const driver = createContainerDriver({ socketPath: '/nowhere/engine.sock', owner: 'recorded' });
  await expect(driver.start(startOf({}))).rejects.toMatchObject({
    code: 'service.unreachable',
    message: 'No container engine answers at /nowhere/engine.sock (ENOENT)',
  });
});
