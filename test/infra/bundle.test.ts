/** The bundle of run-step as Lambda would load it, on its own in a folder, against the local system. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleFunction } from '../../tools/bundle-function.ts';
import { restDoor, workflowIdOf } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';

let system: TestSystem;
let service: ScriptedService;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orchestrator-bundle-'));
  service = await startScriptedService((_seen, response) => json(response, { list: [1, 2] }));
  system = await startTestSystem();
  await bundleFunction('run-step', folder);
});

afterAll(async () => {
  await system?.close();
  await service?.close();
  await rm(folder, { recursive: true, force: true });
});

/** What the bundled handler answers, in a process of its own; the name and message of its error when it throws. */
async function invoke(event: object): Promise<unknown> {
  const handler = pathToFileURL(join(folder, 'run-step', 'handler.mjs')).href;
  const script = `
    const { handler } = await import(${JSON.stringify(handler)});
    const answer = await handler(${JSON.stringify(event)}).catch(({ name, message }) => ({ name, message }));
    console.log(JSON.stringify(answer));
    process.exit();`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    timeout: 20_000,
    env: {
      STAGE: 'test',
      LOG_LEVEL: 'ERROR',
      DYNAMODB_ENDPOINT: system.endpoints.dynamodb,
      STEP_FUNCTIONS_ENDPOINT: system.endpoints.stepFunctions,
      REGISTRY_TABLE: 'orchestrator-registry',
      EXECUTIONS_TABLE: 'orchestrator-executions',
      RETENTION_DAYS: '30',
      UNDO_MACHINE_ARN: 'arn:aws:states:us-east-1:000000000000:stateMachine:orchestrator-local-undo',
      EGRESS_ALLOWED_NETWORKS: '127.0.0.0/8',
    },
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

describe('the bundle of run-step', () => {
  it('evaluates expressions in a process of its own, and cuts them off', async () => {
    const door = restDoor(system.endpoints);
    await door('register_service', { name: 'lists', transport: 'rest', url: service.url });
    await door('define_workflow', { name: 'waits', steps: [{ id: 'pause', wait: { seconds: 600 } }] });
    const executionId = workflowIdOf(await door('start_workflow', { workflow: 'waits' }));
    const task = (step: string, select: string) => ({
      executionId,
      step,
      path: '',
      attempt: 0,
      maxAttempts: 1,
      call: { service: 'lists', request: { method: 'GET', path: '/' } },
      timeoutSeconds: 10,
      select,
    });
    expect(await invoke(task('one', '$map($result.list, function($n) { $n * 2 })'))).toEqual([2, 4]);
    expect(await invoke(task('two', `$match('${'a'.repeat(40)}!', /^(a+)+$/)`))).toEqual({
      name: 'step.expression-failed',
      message: 'select could not be evaluated: The expression took longer than 1 s',
    });
  }, 60_000);
});
