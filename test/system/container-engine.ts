/**
 * An engine that answers the Docker Engine API: the one of this machine, or Podman's for as long as the tests take. It has
 * one image, which is this Node, so that no registry of images is asked.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Skipped, skipped } from './on-demand.ts';

const run = promisify(execFile);

export interface TestEngine {
  readonly socketPath: string;
  /** Of Node, whose program is at `process.execPath`. */
  readonly image: string;
  close(): Promise<void>;
}

const image = `localhost/orchestrator-test-node-${process.versions.node}:latest`;

/** Or why there is none here. */
export async function testEngine(): Promise<TestEngine | Skipped> {
  if (process.platform !== 'linux') return skipped('the image of the container tests is made on Linux only');
  const socketPath = process.env['DOCKER_HOST']?.replace('unix://', '') ?? '/var/run/docker.sock';
  const engine = (await answers(socketPath)) ? { socketPath, close: async () => undefined } : await podman();
  if ('skipped' in engine) return engine;
  const missing = await withoutContainer(engine.socketPath);
  if (missing === undefined) return { ...engine, image };
  await engine.close();
  return skipped(`the container engine here runs nothing: ${missing}`);
}

export interface EngineAnswer {
  readonly status: number;
  readonly text: string;
}

export function askEngine(
  socketPath: string,
  method: string,
  path: string,
  body?: object | Readable,
): Promise<EngineAnswer> {
  return new Promise((resolve, reject) => {
    const isStream = body !== undefined && 'pipe' in body;
    const type = isStream ? 'application/x-tar' : 'application/json';
    const outgoing = request(
      { socketPath, method, path, headers: { 'content-type': type } },
      async (response) => {
        let text = '';
        for await (const piece of response.setEncoding('utf8')) text += String(piece);
        resolve({ status: response.statusCode ?? 0, text });
      },
    );
    outgoing.on('error', reject);
    if (isStream) body.pipe(outgoing);
    else outgoing.end(body && JSON.stringify(body));
  });
}

const answers = (socketPath: string): Promise<boolean> =>
  askEngine(socketPath, 'GET', '/_ping').then(
    ({ status }) => status === 200,
    () => false,
  );

/** What some sandboxes need: their limits cannot be raised, and one of the run times does not work there. */
const modest = `[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1000:1000"]
[engine]
runtime = "runc"
`;

async function podman(): Promise<Pick<TestEngine, 'socketPath' | 'close'> | Skipped> {
  const folder = await mkdtemp(join(tmpdir(), 'orchestrator-podman-'));
  const socketPath = join(folder, 'engine.sock');
  const configuration = join(folder, 'containers.conf');
  await writeFile(configuration, modest);
  const places = ['--root', join(folder, 'root'), '--runroot', join(folder, 'run')];
  const child = spawn('podman', [...places, 'system', 'service', '--time', '0', `unix://${socketPath}`], {
    env: { ...process.env, CONTAINERS_CONF: configuration },
    stdio: 'ignore',
  });
  const ended = once(child, 'exit').catch(() => undefined);
  const close = async () => {
    child.kill();
    await ended;
    await run('umount', [join(folder, 'root', 'overlay')]).catch(() => undefined);
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  };
  const isThere = async (): Promise<boolean> => {
    while (!(await answers(socketPath))) await sleep(100);
    return true;
  };
  const there = await Promise.race([
    isThere(),
    ended.then(() => false),
    sleep(15_000, false, { ref: false }),
  ]);
  if (there) return { socketPath, close };
  await close();
  return skipped('no container engine answers here, and Podman does not start');
}

/** Why no container runs there; undefined when one did. */
async function withoutContainer(socketPath: string): Promise<string | undefined> {
  await importImage(socketPath);
  const name = `orchestrator-test-probe-${process.pid}`;
  const path = (rest: string) => `/containers/${name}${rest}`;
  const probe = { Image: image, Cmd: [process.execPath, '-e', 'process.exit(7)'] };
  const steps = [
    () => askEngine(socketPath, 'POST', `/containers/create?name=${name}`, probe),
    () => askEngine(socketPath, 'POST', path('/start')),
    () => askEngine(socketPath, 'POST', path('/wait')),
  ];
  let answer: EngineAnswer = { status: 0, text: '' };
  for (const step of steps) {
    answer = await step();
    if (answer.status >= 300) break;
  }
  await askEngine(socketPath, 'DELETE', path('?force=1'));
  return /"StatusCode": ?7\b/.test(answer.text) ? undefined : answer.text.slice(0, 300);
}

async function importImage(socketPath: string): Promise<void> {
  if ((await askEngine(socketPath, 'GET', `/images/${encodeURIComponent(image)}/json`)).status === 200)
    return;
  const { stdout } = await run('ldd', [process.execPath]);
  const libraries = [...stdout.matchAll(/(\/\S+) \(/g)].map(([, path = '']) => path);
  await Promise.all(libraries.map((library) => access(library)));
  const files = [process.execPath, ...libraries].map((file) => file.slice(1));
  const tar = spawn('tar', ['-C', '/', '-chf', '-', ...files], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [repository = ''] = image.split(':');
  await askEngine(socketPath, 'POST', `/images/create?fromSrc=-&repo=${repository}&tag=latest`, tar.stdout);
}
