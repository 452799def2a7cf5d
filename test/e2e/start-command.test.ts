/** `npm start` as a process: what it leaves behind, what it says when it cannot start, and what a kill loses. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { awaitStatus, type Door, rest, restDoor, workflowIdOf } from '../system/clients.ts';
import { childrenOf, isAlive } from '../system/processes.ts';
import { json, startScriptedService } from '../system/scripted-service.ts';
import { ended, StartCommand } from '../system/start-command.ts';

let command: StartCommand;
let dataDir: string;

beforeEach(async () => {
  command = await StartCommand.prepare();
  dataDir = command.folder;
});

afterEach(() => command.close());

const started = (env?: Record<string, string>) => command.started(env);
const launch = (env?: Record<string, string>) => command.launch(env);

async function failure(env: Record<string, string>): Promise<{ code: number | null; said: string }> {
  const { code, complaints } = await command.run(env);
  return { code, said: complaints };
}

const Endpoints = z.object({ api: z.url() });

/** How many sockets of the process listen: those in its open files that the kernel lists in state 0A. */
function listenersOf(pid: number | undefined): number {
  const links = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkIfOpen(`/proc/${pid}/fd/${fd}`));
  const sockets = new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
  const listed = ['tcp', 'tcp6'].flatMap((kind) =>
    readFileSync(`/proc/${pid}/net/${kind}`, 'utf8').split('\n'),
  );
  const fields = listed.map((line) => line.trim().split(/\s+/));
  return fields.filter(({ 3: state, 9: inode = '' }) => state === '0A' && sockets.has(inode)).length;
}

function readlinkIfOpen(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** Makes the system start the process for expressions that are not plain. */
async function evaluate(door: Door): Promise<void> {
  const workflow = 'adds';
  const steps = [{ id: 'pause', wait: { seconds: 0 } }];
  await door('define_workflow', {
    name: workflow,
    steps,
    output: '{% $sum($map([1, 2], function($n) { $n })) %}',
  });
  const ended = await awaitStatus(door, workflowIdOf(await door('start_workflow', { workflow })));
  expect(ended.output).toBe(3);
}

describe('npm start', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'ends every child process on %s',
    async (signal) => {
      const { child, endpoints } = await started();
      await evaluate(restDoor(endpoints));
      const children = childrenOf(child.pid);
      expect(children.length).toBeGreaterThan(0);
      child.kill(signal);
      expect(await ended(child)).toBe(0);
      await expect.poll(() => children.filter(isAlive), { timeout: 5000 }).toEqual([]);
    },
    60_000,
  );

  it('opens no port but that of its API', async () => {
    const { child, said } = await started({ ADMIN_KEY: 'c0ffee-c0ffee-c0ffee-c0ffee-c0ffee-c0ffee' });
    const told = JSON.parse(await readFile(join(dataDir, 'data', 'endpoints.json'), 'utf8'));
    expect(Object.keys(told)).toEqual(['api', 'mcp']);
    expect(said).not.toMatch(/Step Functions|DynamoDB/);
    if (process.platform === 'linux') expect(listenersOf(child.pid)).toBe(1);
  }, 60_000);

  it('says in one line that a port is taken, and exits with 1', async () => {
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
    const { port } = z.object({ port: z.number() }).parse(blocker.address());
    const { code, said } = await failure({ PORT: String(port) });
    blocker.close();
    expect(code).toBe(1);
    expect(said).toMatch(/^Cannot start: .*address already in use.*PORT[^\n]*\n$/);
  }, 60_000);

  it('says in one line that the data folder cannot be made, and exits with 1', async () => {
    await writeFile(join(dataDir, 'file'), '');
    const { code, said } = await failure({ ORCHESTRATOR_DATA_DIR: join(dataDir, 'file') });
    expect(code).toBe(1);
    expect(said).toMatch(/^Cannot start: .*ORCHESTRATOR_DATA_DIR\n$/);
  }, 60_000);

  it('names every variable that is wrong', async () => {
    const { code, said } = await failure({
      PORT: 'many',
      EGRESS_ALLOWED_NETWORKS: '10.0.0.0',
      LOG_OUTPUT: 'paper',
    });
    expect(code).toBe(1);
    expect(said).toBe(
      'Cannot start: The environment is not valid: PORT: must be a number; EGRESS_ALLOWED_NETWORKS[0]: must be a network in CIDR form, such as 10.0.0.0/8 or 10.0.3.7/32; LOG_OUTPUT: must be console or file:PATH\n',
    );
  }, 60_000);

  it('says which variable names a manifest that is not there', async () => {
    const { code, said } = await failure({ ORCHESTRATOR_MANIFEST: join(dataDir, 'none.yaml') });
    expect(code).toBe(1);
    expect(said).toMatch(
      /^Cannot start: \S+none\.yaml: ENOENT: no such file .*; ORCHESTRATOR_MANIFEST names the file\n$/,
    );
  }, 60_000);

  it.each(['0.0.0.0', '::', '192.0.2.1', 'orchestrator.example.com'])(
    'refuses to listen on %s with authentication off, before anything is made',
    async (HOST) => {
      const { code, said } = await failure({ HOST, AUTH: 'off' });
      expect(code).toBe(1);
      expect(said).toMatch(
        /^Cannot start: HOST \S+ can be reached from other machines, so AUTH cannot be off[^\n]*\n$/,
      );
      expect(existsSync(join(dataDir, 'data'))).toBe(false);
    },
    60_000,
  );

  it('says that authentication is off where everybody on this machine is an administrator', async () => {
    const { said, endpoints } = await started();
    expect(said).toContain('Authentication          off: whoever reaches this machine is an administrator');
    expect((await rest(endpoints, ['GET', '/v1/services'])).status).toBe(200);
  }, 60_000);

  it.each([{ AUTH: 'on' }, { HOST: '0.0.0.0' }])(
    'makes the key of the first administrator once with %j, in a file that only its owner reads',
    async (env: Record<string, string>) => {
      const { child, said, endpoints } = await started(env);
      const file = join(dataDir, 'data', 'admin-key');
      expect(said).toContain(`the key of the first administrator is in ${file}`);
      const key = (await readFile(file, 'utf8')).trim();
      expect(key).toMatch(/^orc_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/);
      expect(said).not.toContain(key);
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      const api = endpoints.api.replace('0.0.0.0', '127.0.0.1');
      const asked = async (headers: Record<string, string>) =>
        (await rest({ api }, ['GET', '/v1/api-keys'], { headers })).status;
      expect(await asked({})).toBe(401);
      expect(await asked({ authorization: `Bearer ${key}` })).toBe(200);
      child.kill('SIGTERM');
      await ended(child);
      const again = await started(env);
      expect(again.said).toContain('on: with the keys that were made before');
      expect((await readFile(file, 'utf8')).trim()).toBe(key);
      for (const name of await readdir(join(dataDir, 'data'), { recursive: true })) {
        const path = join(dataDir, 'data', name);
        if (path === file || !(await stat(path)).isFile()) continue;
        expect((await readFile(path)).includes(key.slice(17)), name).toBe(false);
      }
    },
    60_000,
  );

  it.each([
    ['too-short-to-be-a-key', 'ADMIN_KEY: must have at least 32 characters'],
    [`${'a'.repeat(20)} ${'b'.repeat(20)}`, 'ADMIN_KEY: must be without spaces'],
  ])(
    'refuses the key %s without printing it',
    async (ADMIN_KEY, fault) => {
      const { code, said } = await failure({ ADMIN_KEY });
      expect(code).toBe(1);
      expect(said).toContain(fault);
      expect(said).not.toContain(ADMIN_KEY);
    },
    60_000,
  );

  it('listens on every address with a key, tells it to nobody, and hands it to no other process', async () => {
    const key = 'c0ffee-c0ffee-c0ffee-c0ffee-c0ffee-c0ffee';
    const child = launch({ HOST: '0.0.0.0', ADMIN_KEY: key });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
    await expect.poll(() => said, { timeout: 30_000 }).toContain('-H "Authorization: Bearer $ADMIN_KEY"');
    const written = await readFile(join(dataDir, 'data', 'endpoints.json'), 'utf8');
    const api = Endpoints.parse(JSON.parse(written)).api.replace('0.0.0.0', '127.0.0.1');
    const asked = (headers: Record<string, string>) => rest({ api }, ['GET', '/v1/services'], { headers });
    expect((await asked({})).status).toBe(401);
    expect((await asked({ authorization: `Bearer ${key}` })).status).toBe(200);
    await evaluate(restDoor({ api, mcp: `${api}/mcp`, adminKey: key }));
    const children = childrenOf(child.pid)
      .filter(isAlive)
      .map((id) => execFileSync('ps', ['eww', '-o', 'command=', '-p', String(id)], { encoding: 'utf8' }));
    // The compiler starts before any code of ours, where TypeScript was not compiled before.
    const ours = children.filter((command) => !command.includes('/@esbuild/'));
    expect(ours).not.toEqual([]);
    for (const command of ours) expect(command).not.toContain(key);
    child.kill('SIGTERM');
    expect(await ended(child)).toBe(0);
    expect(said + written + (await readFile(join(dataDir, 'log'), 'utf8'))).not.toContain(key);
  }, 60_000);
});

it('a killed process goes on where it was: every acknowledged execution ends, and no effect is doubled', async () => {
  const effects = new Map<string, number>();
  const service = await startScriptedService(({ idempotencyKey = '' }, response) => {
    setTimeout(() => {
      effects.set(idempotencyKey, (effects.get(idempotencyKey) ?? 0) + 1);
      json(response, {});
    }, 30);
  });
  const first = await started();
  const before = restDoor(first.endpoints);
  const call = (id: string) => ({
    id,
    call: { service: 'effects', request: { method: 'POST', path: '/', body: {} } },
    // Without it a call that was under way is in doubt, and is not sent again.
    retry: { maxAttempts: 3, intervalSeconds: 1 },
  });
  await before('register_service', { name: 'effects', transport: 'rest', url: service.url });
  await before('define_workflow', {
    name: 'many',
    steps: [call('a'), call('b'), { id: 'pause', wait: { seconds: 1 } }, call('c')],
  });
  const ids = await Promise.all(
    Array.from({ length: 20 }, async () =>
      workflowIdOf(await before('start_workflow', { workflow: 'many' })),
    ),
  );
  first.child.kill('SIGKILL');
  await ended(first.child);
  const second = await started();
  const after = restDoor(second.endpoints);
  const statuses = await Promise.all(ids.map((id) => awaitStatus(after, id)));
  expect(statuses.map(({ status }) => status)).toEqual(ids.map(() => 'SUCCEEDED'));
  expect(effects.size).toBe(60);
  second.child.kill('SIGTERM');
  await ended(second.child);
  await service.close();
}, 90_000);
