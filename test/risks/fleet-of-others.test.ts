/** A fleet that somebody else runs, as processes that registered themselves: half of it dies, and is started again, under load. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import * as z from 'zod';
import { restDoor } from '../system/clients.ts';
import { freePort } from '../system/free-port.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';

const program = `require('node:http').createServer((_request, response) => {
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ port: process.argv[1] }));
}).listen(Number(process.argv[1]), '127.0.0.1', () => console.log('listens'));`;

const size = 6;
const processes = new Map<number, ChildProcess>();
let system: TestSystem;

const door = (operation: string, input: Record<string, unknown>) =>
  restDoor(system.endpoints)(operation, input);

async function run(port: number): Promise<void> {
  const child = spawn(process.execPath, ['-e', program, String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  processes.set(port, child);
  await once(child.stdout, 'data');
}

async function kill(port: number): Promise<void> {
  const child = processes.get(port);
  child?.kill('SIGKILL');
  if (child?.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

beforeAll(async () => {
  system = await startTestSystem();
  const healthCheck = {
    kind: 'http',
    path: '/',
    intervalSeconds: 5,
    timeoutSeconds: 1,
    graceSeconds: 0,
    failuresBeforeUnhealthy: 1,
    successesBeforeHealthy: 1,
  };
  await door('register_service', { name: 'fleet', version: '1.0.0', transport: 'rest', healthCheck });
  for (let n = 0; n < size; n += 1) {
    const port = await freePort();
    await run(port);
    const url = `http://127.0.0.1:${port}`;
    await door('register_instance', {
      service: 'fleet',
      id: `i-${port}`,
      version: '1.0.0',
      url,
      leaseSeconds: 600,
    });
  }
}, 60_000);

afterAll(async () => {
  await system?.close();
  await Promise.all([...processes.keys()].map(kill));
});

const Health = z.object({
  health: z.string(),
  instances: z.array(z.object({ id: z.string(), health: z.string() })),
});

async function healthOf() {
  const { health, instances } = Health.parse((await door('get_service_health', { service: 'fleet' })).body);
  const dead = instances.filter((one) => one.health === 'UNREACHABLE').map(({ id }) => Number(id.slice(2)));
  return { health, dead: dead.sort(), healthy: instances.filter((one) => one.health === 'HEALTHY').length };
}

const until = (expected: object): Promise<void> =>
  vi.waitFor(async () => expect(await healthOf()).toMatchObject(expected), {
    timeout: 45_000,
    interval: 100,
  });

const request = { method: 'GET', path: '/works' };
const Answered = z.object({ result: z.object({ port: z.string() }) });

/** The port that answered, or the code of the error. */
async function call(): Promise<string> {
  const { code, body } = await door('call_service', { service: 'fleet', request });
  const answered = Answered.safeParse(body);
  return answered.success ? answered.data.result.port : (code ?? JSON.stringify(body));
}

/** Four calls at a time until it is told to end; what they were answered. */
function load() {
  const answers: string[] = [];
  let ends = false;
  const callers = Array.from({ length: 4 }, async () => {
    while (!ends) answers.push(await call());
  });
  const end = async (): Promise<readonly string[]> => {
    ends = true;
    await Promise.all(callers);
    return answers;
  };
  onTestFinished(async () => void (await end()));
  return { answers, end };
}

it('half of it dies under load: no call fails, the others are called, and it comes back when it is started again', {
  tags: ['long'],
  timeout: 150_000,
}, async () => {
  await until({ health: 'HEALTHY', healthy: size });
  const ports = [...processes.keys()];
  const dying = ports.slice(0, size / 2).sort();
  const under = load();
  await expect.poll(() => new Set(under.answers).size).toBe(size);
  await Promise.all(dying.map(kill));
  await until({ health: 'DEGRADED', dead: dying, healthy: size / 2 });
  const from = under.answers.length + 4;
  await expect.poll(() => under.answers.length, { timeout: 20_000 }).toBeGreaterThan(from + 200);
  const others = ports.slice(size / 2).map(String);
  expect(new Set(under.answers.slice(from))).toEqual(new Set(others));
  await Promise.all(dying.map(run));
  await until({ health: 'HEALTHY', healthy: size });
  const back = under.answers.length;
  await expect.poll(() => new Set(under.answers.slice(back)).size, { timeout: 20_000 }).toBe(size);
  const failed = (await under.end()).filter((answer) => !/^\d+$/.test(answer));
  expect(failed).toEqual([]);
});

it('each is restarted after the other under load, and no call fails', {
  tags: ['long'],
  timeout: 150_000,
}, async () => {
  await until({ health: 'HEALTHY', healthy: size });
  const under = load();
  for (const port of processes.keys()) {
    const before = under.answers.length;
    await kill(port);
    await expect.poll(() => under.answers.length, { timeout: 20_000 }).toBeGreaterThan(before + 50);
    await run(port);
    await vi.waitFor(async () => expect((await healthOf()).healthy).toBe(size), {
      timeout: 45_000,
      interval: 100,
    });
  }
  const failed = (await under.end()).filter((answer) => !/^\d+$/.test(answer));
  expect(failed).toEqual([]);
});
