/**
 * Whether a result is inline or by reference makes no difference to the services: every generated definition
 * is run both ways on the real engine and tables, and each call and the output come to the same.
 * @module-tag long
 */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sdkDocuments } from '../../../src/aws/sdk-documents.ts';
import { Table } from '../../../src/aws/table.ts';
import { completeOutput } from '../../../src/executions/deferred-output.ts';
import { occurrenceOf, type StepTask } from '../../../src/executions/model/step-task.ts';
import { resolveTask } from '../../../src/executions/resolve-task.ts';
import { createResultReader } from '../../../src/executions/result-references.ts';
import { createResultStore, type ResultStore } from '../../../src/executions/store/result-store.ts';
import { createExpressionEvaluators } from '../../../src/expressions/expression-evaluators.ts';
import { keepDefinitions } from '../../../src/workflows/kept-definitions.ts';
import type { WorkflowVersion } from '../../../src/workflows/model/workflow-records.ts';
import { createWorkflowStore, type WorkflowStore } from '../../../src/workflows/store/workflow-store.ts';
import { startTestDynamoDb } from '../../system/dynamodb.ts';
import {
  arbitraryDefinition,
  inputOfArbitrary,
  type SentDefinition,
} from '../../unit/workflows/arbitrary-definition.ts';
import { echo, startWorkflowRunner, type WorkflowRunner } from './workflow-runner.ts';

let runner: WorkflowRunner;
let results: ResultStore;
let workflows: WorkflowStore;
const evaluators = createExpressionEvaluators({ budgetMs: 5_000, memoryMb: 128 });
const evaluateApart = evaluators.evaluate;
const closing: (() => unknown)[] = [() => evaluators.close()];

beforeAll(async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'orchestrator-references-'));
  const database = await startTestDynamoDb({ path: join(dataDir, 'dynamodb') });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = sdkDocuments({ endpoint: database.url, region: 'us-east-1', credentials });
  results = createResultStore(new Table(client, database.tables.executions));
  workflows = createWorkflowStore(new Table(client, database.tables.registry));
  runner = await startWorkflowRunner();
  closing.push(
    () => runner.close(),
    () => client.close(),
    () => database.stop(),
    () => rm(dataDir, { recursive: true, force: true, maxRetries: 5 }),
  );
});

afterAll(async () => {
  for (const close of closing) await close();
});

/** Neither the id nor the time of the two runs is the same (only their length is), and both are read. */
const comparable = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value)
      .replaceAll(/run-\d+/g, 'run')
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'time'),
  );

interface Observed {
  readonly calls: Map<string, unknown>;
  readonly output: unknown;
}

async function run(definition: SentDefinition, keep: boolean): Promise<Observed> {
  const calls = new Map<string, unknown>();
  let executionId = '';
  const answer = async (task: StepTask): Promise<unknown> => {
    executionId = task.executionId;
    const { call, compensate } = await resolveTask({ results, evaluateApart, input: inputOfArbitrary }, task);
    calls.set(occurrenceOf(task), comparable({ call, undo: compensate?.values }));
    const value = echo({ ...task, call });
    return keep ? { resultRef: await put(task, value) } : value;
  };
  const { status, output, error } = await runner.run(definition, inputOfArbitrary, answer);
  expect({ status, error }).toEqual({ status: 'SUCCEEDED', error: undefined });
  return { calls, output: comparable(await outputOf(definition, executionId, output)) };
}

function put(task: StepTask, value: unknown) {
  const json = JSON.stringify(value);
  const id = createHash('sha256').update(json).digest('hex').slice(0, 16);
  const step = occurrenceOf(task);
  return results.put({ executionId: task.executionId, step, id, json, expiresAtEpochSeconds: 1 });
}

let versions = 0;

/** The output as it is recorded, with the content of what it still refers to. */
async function outputOf(definition: SentDefinition, id: string, output: unknown): Promise<unknown> {
  versions += 1;
  const version: WorkflowVersion = {
    name: definition.name,
    version: versions,
    definition,
    definitionHash: '',
    machineArn: '',
    timeoutSeconds: 1,
    compensates: false,
    awaits: false,
    services: [],
    managedBy: 'api',
    definedAt: '',
  };
  await workflows.addVersion(version);
  const ended = { id, input: inputOfArbitrary, workflow: definition.name, version: versions };
  const end = await completeOutput(
    { results, definitions: keepDefinitions(workflows), evaluateApart },
    ended,
    {
      status: 'SUCCEEDED',
      output,
    },
  );
  expect(end.error).toBeUndefined();
  return createResultReader(results, id).resolve(end.output);
}

it('whether results are inline or by reference, each call and the output are the same', {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryDefinition, async (definition) => {
      expect(await run(definition, true)).toEqual(await run(definition, false));
    }),
    { numRuns: 40, endOnFailure: true },
  );
});
