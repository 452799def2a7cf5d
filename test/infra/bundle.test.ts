/** Bundles as Lambda would load them, each on its own in a folder, against the local system. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { contentsOf } from '../../tools/bundle-contents.ts';
import { bundleFunction } from '../../tools/bundle-function.ts';
import { Answer, startCloudFormation } from '../contract/runtime/cloudformation.ts';
import { startSdkPeer } from '../contract/transport/mcp-servers.ts';
import { type Door, restDoor, workflowIdOf } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { json, type ScriptedService, startScriptedService } from '../system/scripted-service.ts';

const bundled = ['run-step', 'apply-manifest', 'authorizer', 'api'] as const;
type Bundled = (typeof bundled)[number];

let system: TestSystem;
let door: Door;
let service: ScriptedService;
let folder: string;
let parts: ReadonlyMap<Bundled, readonly string[]>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orchestrator-bundle-'));
  service = await startScriptedService((_seen, response) => json(response, { list: [1, 2] }));
  system = await startTestSystem();
  door = restDoor(system.endpoints);
  const bundling = bundled.map(
    async (name) => [name, contentsOf(await bundleFunction(name, folder)).all] as const,
  );
  parts = new Map(await Promise.all(bundling));
});

afterAll(async () => {
  await system?.close();
  await service?.close();
  await rm(folder, { recursive: true, force: true });
});

/** What the bundled handler answers, in a process of its own; the name and message of its error when it throws. */
async function invoke(name: Bundled, event: object): Promise<unknown> {
  const handler = pathToFileURL(join(folder, name, 'handler.mjs')).href;
  const script = `
    const { handler } = await import(${JSON.stringify(handler)});
    const answer = await handler(${JSON.stringify(event)}).catch(({ name, message }) => ({ name, message }));
    console.log(JSON.stringify(answer ?? null));
    process.exit();`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    timeout: 20_000,
    env: {
      STAGE: 'test',
      LOG_LEVEL: 'ERROR',
      DYNAMODB_ENDPOINT: system.endpoints.dynamodb,
      STEP_FUNCTIONS_ENDPOINT: system.endpoints.stepFunctions,
      REGISTRY_TABLE: 'orchestrator-registry',
      INSTANCES_TABLE: 'orchestrator-instances',
      EXECUTIONS_TABLE: 'orchestrator-executions',
      TELEMETRY_TABLE: 'orchestrator-telemetry',
      ACCESS_TABLE: 'orchestrator-access',
      AUDIT_TABLE: 'orchestrator-audit',
      REVOCATION_SECONDS: '60',
      RETENTION_DAYS: '30',
      UNDO_MACHINE_ARN: 'arn:aws:states:us-east-1:000000000000:stateMachine:orchestrator-local-undo',
      CHANGE_MACHINE_ARN: 'arn:aws:states:us-east-1:000000000000:stateMachine:orchestrator-local-changes',
      RUN_STEP_FUNCTION: 'arn:aws:lambda:us-east-1:000000000000:function:run-step',
      EGRESS_ALLOWED_NETWORKS: '127.0.0.0/8',
      MACHINE_PREFIX: 'orch-bundle-',
      MACHINE_ROLE_ARN: 'arn:aws:iam::000000000000:role/bundle',
    },
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

/** An execution that waits, so that steps of it can be run. */
async function waiting(): Promise<string> {
  await door('define_workflow', { name: 'waits', steps: [{ id: 'pause', wait: { seconds: 600 } }] });
  return workflowIdOf(await door('start_workflow', { workflow: 'waits' }));
}

const task = (executionId: string, step: string, call: object) => ({
  executionId,
  step,
  path: '',
  attempt: 0,
  maxAttempts: 1,
  timeoutSeconds: 10,
  call,
});

describe('the bundle of run-step', () => {
  it('evaluates expressions in a process of its own, and cuts them off', async () => {
    await door('register_service', { name: 'lists', transport: 'rest', url: service.url });
    const executionId = await waiting();
    const selecting = (step: string, select: string) => ({
      ...task(executionId, step, { service: 'lists', request: { method: 'GET', path: '/' } }),
      select,
    });
    const doubled = selecting('one', '$map($result.list, function($n) { $n * 2 })');
    expect(await invoke('run-step', doubled)).toEqual([2, 4]);
    const runaway = selecting('two', `$match('${'a'.repeat(40)}!', /^(a+)+$/)`);
    expect(await invoke('run-step', runaway)).toEqual({
      name: 'step.expression-failed',
      message: expect.stringMatching(/^select: .* failed: The expression took longer than 1 s$/),
    });
  }, 60_000);

  it('holds arguments that a tool refuses against its input schema', async () => {
    const { url } = await startSdkPeer({ stateful: false, json: true });
    await door('register_service', { name: 'emails', transport: 'mcp', url });
    const call = { service: 'emails', tool: 'get_email', arguments: { id: 7 } };
    expect(await invoke('run-step', task(await waiting(), 'read', call))).toMatchObject({
      name: 'service.arguments-invalid',
    });
  }, 60_000);
});

describe('the bundle of apply-manifest', () => {
  const workflow = (inputSchema: object) => ({
    name: 'takes-an-id',
    inputSchema,
    steps: [{ id: 'pause', wait: { seconds: 1 } }],
  });

  /** What CloudFormation is told of a manifest with this workflow. */
  async function applied(defined: object): Promise<Answer> {
    const cloudFormation = await startCloudFormation();
    onTestFinished(() => cloudFormation.close());
    const event = cloudFormation.event({
      RequestType: 'Create',
      ResourceProperties: {
        Manifest: JSON.stringify({ services: [], workflows: [defined] }),
        Machines: { 'takes-an-id': 'arn:aws:states:us-east-1:000000000000:stateMachine:orch-test-m' },
      },
    });
    await invoke('apply-manifest', event);
    return Answer.parse(JSON.parse(cloudFormation.puts.at(-1)?.body ?? ''));
  }

  it('checks the input schema of a workflow', async () => {
    const refused = await applied(workflow({ type: 'objekt' }));
    expect(refused).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('inputSchema') });
    const schema = { type: 'object', properties: { id: { type: 'string', format: 'uuid' } } };
    expect(await applied(workflow(schema))).toMatchObject({ Status: 'SUCCESS', Reason: '' });
    const { body } = await door('get_workflow_definition', { name: 'takes-an-id' });
    expect(body).toMatchObject({ version: 1 });
  }, 60_000);
});

describe('the bundle of api', () => {
  const Answered = z.object({ statusCode: z.number(), body: z.string() });

  /** One operation, in a process that has done nothing before. */
  async function operate(operation: string, input: object): Promise<unknown> {
    const event = {
      httpMethod: 'POST',
      path: `/tools/${operation}`,
      headers: { 'content-type': 'application/json' },
      multiValueQueryStringParameters: null,
      body: JSON.stringify(input),
      isBase64Encoded: false,
      requestContext: { authorizer: { principalId: 'test', role: 'admin' }, identity: {} },
    };
    const { statusCode, body } = Answered.parse(await invoke('api', event));
    return { status: statusCode, ...JSON.parse(body) };
  }

  it('has what each kind of operation loads when it is asked for', async () => {
    const base = { name: 'base', transport: 'rest', url: service.url };
    expect(await operate('register_service', base)).toMatchObject({ status: 201, name: 'base' });
    const top = { ...base, name: 'top', dependencies: [{ service: 'base' }] };
    expect(await operate('register_service', top)).toMatchObject({ status: 201 });
    const tools = { name: 'tools', transport: 'mcp', url: service.url };
    expect(await operate('register_service', tools)).toMatchObject({ status: 201, tools: 'unknown' });
    const answers: [string, object, object][] = [
      ['get_dependency_graph', { service: 'top', format: 'dot' }, { status: 200, format: 'dot' }],
      ['get_impact', { service: 'base' }, { status: 200 }],
      ['discover_service', { service: 'top' }, { status: 200, services: [{ name: 'top' }] }],
      ['call_service', { service: 'top', request: { method: 'GET', path: '/' } }, { status: 200 }],
      ['search_tools', { query: 'anything' }, { status: 200 }],
      ['refresh_service', { name: 'tools' }, { status: 200 }],
      ['plan_manifest', { yaml: 'services: {}' }, { status: 200 }],
      ['import_services', { server: { name: 'org.example/a', version: '1.0.0' } }, { status: 200 }],
      ['define_workflow', { name: 'w', inputSchema: { type: 'none' }, steps: [] }, { status: 400 }],
    ];
    for (const [operation, input, answer] of answers)
      expect([operation, await operate(operation, input)]).toMatchObject([operation, answer]);
  }, 120_000);
});

describe('the program of the evaluators', () => {
  it('is in the bundle of a function that evaluates expressions alone', async () => {
    const program = 'src/expressions/evaluator-main.ts';
    const having = bundled.filter((name) => parts.get(name)?.includes(program));
    expect(having).toEqual(['run-step', 'api']);
  });
});
