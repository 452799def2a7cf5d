/**
 * Risk: the machine's process is killed while executions run, and what it had promised is lost or done twice.
 * @module-tag long
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { awaitStatus, restDoor, workflowIdOf } from '../system/clients.ts';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const executions = 12;

let dataDir: string;
let service: ScriptedService;
let running: ChildProcess | undefined;
/** What the service has done, once for each idempotency key: it honours the key. */
const effects = new Map<string, string>();

const step = (id: string) => ({
  id,
  call: { service: 'worker', request: { method: 'POST', path: `/${id}`, body: { n: '{% $input.n %}' } } },
});

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'orchestrator-killed-'));
  service = await startScriptedService(({ path, body, idempotencyKey = '' }, response) => {
    const { n } = z.object({ n: z.number() }).parse(body);
    effects.set(idempotencyKey, `${path} ${n}`);
    setTimeout(json, 100, response, { n });
  });
  const manifest = {
    services: { worker: { transport: 'rest', url: service.url } },
    workflows: [
      { name: 'steps', steps: [step('a'), step('b'), step('c')] },
      { name: 'asks', steps: [{ id: 'ok', approval: {} }, step('after')] },
      { name: 'nests', steps: [{ id: 'nested', workflow: { name: 'asks', input: '{% $input %}' } }] },
    ],
  };
  await writeFile(join(dataDir, 'manifest.yaml'), JSON.stringify(manifest));
});

afterAll(async () => {
  await end('SIGTERM');
  await service.close();
  await rm(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

async function end(signal: NodeJS.Signals): Promise<void> {
  if (!running) return;
  const exited = once(running, 'exit');
  running.kill(signal);
  await exited;
  running = undefined;
}

const Endpoints = z.object({
  api: z.string(),
  mcp: z.string(),
  stepFunctions: z.string(),
  dynamodb: z.string(),
});

async function startProcess() {
  const child = spawn(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), join(root, 'bin/local.ts')],
    {
      cwd: dataDir,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        PORT: '0',
        STEP_FUNCTIONS_PORT: '0',
        DYNAMODB_PORT: '0',
        EXAMPLE_SERVICES: 'off',
        ORCHESTRATOR_DATA_DIR: dataDir,
        ORCHESTRATOR_MANIFEST: join(dataDir, 'manifest.yaml'),
        LOG_OUTPUT: `file:${join(dataDir, 'log')}`,
      },
    },
  );
  running = child;
  await welcomed(child);
  const endpoints = Endpoints.parse(JSON.parse(await readFile(join(dataDir, 'endpoints.json'), 'utf8')));
  return restDoor(endpoints);
}

function welcomed(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    const hear = (chunk: Buffer): void => {
      said += chunk.toString();
      if (said.includes('Orchestrator is running')) resolve();
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.once('exit', () => reject(new Error(`it did not start: ${said}`)));
  });
}

it('after kill -9 every acknowledged execution ends, and no effect is doubled', {
  timeout: 60_000,
}, async () => {
  const before = await startProcess();
  const inputs = Array.from({ length: executions }, (_, n) => n);
  const ids: string[] = [];
  for (const n of inputs) {
    ids.push(workflowIdOf(await before('start_workflow', { workflow: 'steps', input: { n } })));
  }
  await end('SIGKILL');
  const doneBefore = effects.size;
  expect(doneBefore).toBeLessThan(3 * executions);

  const after = await startProcess();
  const ends = await Promise.all(ids.map((id) => awaitStatus(after, id)));
  expect(ends.map(({ status }) => status)).toEqual(Array(executions).fill('SUCCEEDED'));
  expect(ends.map(({ output }) => output)).toEqual(inputs.map((n) => ({ a: { n }, b: { n }, c: { n } })));
  expect([...effects.values()].sort()).toEqual(
    inputs.flatMap((n) => [`/a ${n}`, `/b ${n}`, `/c ${n}`]).sort(),
  );
});

it('after kill -9 an approval still waits, and its decision goes through the workflows above', {
  timeout: 60_000,
}, async () => {
  const before = running ? await again() : await startProcess();
  const input = { n: 1000 };
  const parent = workflowIdOf(await before('start_workflow', { workflow: 'nests', input }));
  const { steps } = await awaitStatus(
    before,
    parent,
    ({ steps: [first] }) => first?.workflowId !== undefined,
  );
  const workflowId = steps[0]?.workflowId ?? '';
  await awaitStatus(before, workflowId, ({ steps: [first] }) => first?.approval !== undefined);
  await end('SIGKILL');

  const after = await startProcess();
  expect((await after('approve_step', { workflowId, step: 'ok' })).body).toMatchObject({ approved: true });
  expect(await awaitStatus(after, parent)).toMatchObject({
    status: 'SUCCEEDED',
    output: { nested: { ok: { approved: true, by: 'local' }, after: { n: 1000 } } },
  });
});

async function again() {
  await end('SIGTERM');
  return startProcess();
}
