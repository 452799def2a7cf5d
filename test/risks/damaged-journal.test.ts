/** Risk: bytes of the local engine's journal are broken while it does not run, and an execution waits for good. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type LocalSystem, startSystem } from '../../local/system.ts';
import { sweep } from '../../src/executions/sweep.ts';
import type { CallingContext } from '../../src/runtime/contexts/executions.ts';
import { awaitStatus, restDoor, workflowIdOf } from '../system/clients.ts';
import { contextOf } from '../system/execution-contexts.ts';
import { emptyManifest } from '../system/local-system.ts';
import { startScriptedMcp } from '../system/scripted-mcp.ts';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';

let service: ScriptedService;
let dataDir: string;
let system: LocalSystem | undefined;

beforeAll(async () => {
  service = await startScriptedService(({ path }, response) => json(response, { path }));
});
afterAll(() => service.close());
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'orchestrator-damaged-'));
  service.seen.length = 0;
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
});
afterEach(async () => {
  await system?.close();
  system = undefined;
  vi.restoreAllMocks();
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
});

async function start() {
  await system?.close();
  system = await startSystem({
    host: '127.0.0.1',
    port: 0,
    stepFunctionsPort: 0,
    dynamodbPort: 0,
    dataDir,
    env: process.env,
    manifest: emptyManifest,
    defaultWorkflow: undefined,
    adminKey: undefined,
    allowedHosts: [],
    allowedNetworks: [],
    retentionDays: 30,
    logLevel: 'INFO',
    logOutput: `file:${join(dataDir, 'log')}`,
  });
  return { door: restDoor(system.endpoints), context: contextOf(system.endpoints) };
}

const call = (id: string) => ({
  id,
  call: { service: 'peer', request: { method: 'POST', path: `/${id}`, body: { n: '{% $input.n %}' } } },
});

/** Breaks one byte of the first line that has all of these in it. */
async function breakLine(...parts: string[]): Promise<void> {
  const file = join(dataDir, 'step-functions.journal');
  const bytes = await readFile(file);
  let from = 0;
  for (const line of bytes.toString('latin1').split('\n')) {
    const found = parts.every((part) => line.includes(part));
    if (found) {
      bytes[from + 60] = (bytes[from + 60] ?? 0) ^ 1;
      return writeFile(file, bytes);
    }
    from += line.length + 1;
  }
  throw new Error(`no line with ${parts.join(' and ')}`);
}

/** The number that the engine has given to the execution. */
async function numberOf(workflowId: string): Promise<string> {
  const text = await readFile(join(dataDir, 'step-functions.journal'), 'utf8');
  const [, number = ''] = new RegExp(`"start","number":(\\d+),"arn":"[^"]*:${workflowId}"`).exec(text) ?? [];
  return number;
}

/** Resolves when the approval is asked for with another token than now. */
async function askedAgain({ steps }: CallingContext, workflowId: string): Promise<() => Promise<void>> {
  const before = (await steps.get(workflowId, 'ok'))?.token;
  return () =>
    vi.waitFor(
      async () => {
        const now = (await steps.get(workflowId, 'ok'))?.token;
        expect(now !== undefined && now !== before).toBe(true);
      },
      { timeout: 15_000, interval: 50 },
    );
}

describe('a journal of which records are broken', () => {
  it('ends no execution but theirs: one goes on after a retry, one is started again, and nothing is done twice', {
    timeout: 60_000,
  }, async () => {
    const before = await start();
    await before.door('register_service', { name: 'peer', transport: 'rest', url: service.url });
    const steps = [call('first'), { id: 'ok', approval: {} }, call('last')];
    await before.door('define_workflow', { name: 'asks', steps });
    const begin = async (n: number): Promise<string> => {
      const workflowId = workflowIdOf(
        await before.door('start_workflow', { workflow: 'asks', input: { n } }),
      );
      await awaitStatus(before.door, workflowId, ({ steps: all }) => all[1]?.approval !== undefined);
      return workflowId;
    };
    const sound = await begin(1);
    const cut = await begin(2);
    const gone = await begin(3);
    const cutNumber = await numberOf(cut);
    await system?.close();
    system = undefined;
    await breakLine(`"execution":${cutNumber},`, '"TaskSubmitted"');
    await breakLine('{"kind":"start"', gone);
    await breakLine('{"kind":"machine"', 'orch-local-asks');

    const { door, context } = await start();
    const goneAsked = await askedAgain(context, gone);
    const cutAsked = await askedAgain(context, cut);
    await sweep(context, { olderThanMs: -1000 });
    const said = vi.mocked(console.error).mock.calls.join('\n');
    expect(said).toContain('was damaged: 3 records could not be read');
    expect(said).toContain(
      `:${cut}: it was ended as FAILED: what happened after a damaged record is not known`,
    );
    expect(said).toContain('orch-local-asks');
    expect(await awaitStatus(door, cut)).toMatchObject({
      status: 'FAILED',
      error: {
        code: 'Engine.JournalDamaged',
        message: expect.stringContaining(
          'A record of this execution was damaged in the journal of the local engine',
        ),
      },
    });
    expect((await door('retry_workflow', { workflowId: cut })).code).toBeUndefined();
    await Promise.all([goneAsked(), cutAsked()]);
    for (const workflowId of [sound, cut, gone]) {
      expect(await door('approve_step', { workflowId, step: 'ok' })).toMatchObject({ code: undefined });
      expect(await awaitStatus(door, workflowId)).toMatchObject({ status: 'SUCCEEDED' });
    }
    const done = service.seen.map(({ path, body }) => `${path} ${JSON.stringify(body)}`).sort();
    expect(done).toEqual([
      '/first {"n":1}',
      '/first {"n":2}',
      '/first {"n":3}',
      '/last {"n":1}',
      '/last {"n":2}',
      '/last {"n":3}',
    ]);
    const another = workflowIdOf(await door('start_workflow', { workflow: 'asks', input: { n: 4 } }));
    await awaitStatus(door, another, ({ steps: all }) => all[1]?.approval !== undefined);
    context.close();
  });

  it('lets an execution end that was retried and whose start is lost', { timeout: 60_000 }, async () => {
    let works = false;
    const peer = await startScriptedService((_, response) => json(response, { works }, works ? 200 : 400));
    const before = await start();
    await before.door('register_service', { name: 'peer', transport: 'rest', url: peer.url });
    await before.door('define_workflow', {
      name: 'asks',
      steps: [call('first'), { id: 'ok', approval: {} }],
    });
    const workflowId = workflowIdOf(
      await before.door('start_workflow', { workflow: 'asks', input: { n: 1 } }),
    );
    expect(await awaitStatus(before.door, workflowId)).toMatchObject({ status: 'FAILED' });
    works = true;
    await before.door('retry_workflow', { workflowId });
    await awaitStatus(before.door, workflowId, ({ steps }) => steps[1]?.approval !== undefined);
    await system?.close();
    system = undefined;
    await breakLine('{"kind":"start"', workflowId);

    const { door, context } = await start();
    const asked = await askedAgain(context, workflowId);
    await sweep(context, { olderThanMs: -1000 });
    await asked();
    expect(await door('approve_step', { workflowId, step: 'ok' })).toMatchObject({ code: undefined });
    await vi.waitFor(
      async () => {
        await sweep(context, { olderThanMs: -1000 });
        expect((await context.executions.get(workflowId))?.stored).toBe('SUCCEEDED');
      },
      { timeout: 15_000 },
    );
    context.close();
    await peer.close();
  });

  it('lets an execution be undone whose history is lost', { timeout: 60_000 }, async () => {
    const before = await start();
    const undone = await startScriptedMcp(['make', 'unmake'], ({ tool }) => {
      service.seen.push({ path: tool, idempotencyKey: undefined, body: undefined });
      return { made: true };
    });
    await before.door('register_service', { name: 'maker', transport: 'mcp', url: undone.url });
    const make = { service: 'maker', tool: 'make', arguments: {} };
    const steps = [
      { id: 'made', call: make, compensate: { ...make, tool: 'unmake' } },
      { id: 'ok', approval: {} },
    ];
    await before.door('define_workflow', { name: 'makes', steps });
    const workflowId = workflowIdOf(await before.door('start_workflow', { workflow: 'makes', input: {} }));
    await awaitStatus(before.door, workflowId, ({ steps: all }) => all[1]?.approval !== undefined);
    await system?.close();
    system = undefined;
    await breakLine('{"kind":"start"', workflowId);

    const { door, context } = await start();
    await door('cancel_workflow', { workflowId });
    await vi.waitFor(
      async () => expect((await context.executions.get(workflowId))?.stored).toBe('CANCELLED'),
      { timeout: 15_000 },
    );
    expect(service.seen.map(({ path }) => path)).toEqual(['make', 'unmake']);
    context.close();
    await undone.close();
  });
});
