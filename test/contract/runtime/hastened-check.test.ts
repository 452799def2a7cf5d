/** On AWS the calls of one function make another one look at an instance that does not take connections. */
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { Table } from '../../../src/aws/table.ts';
import { OrchestratorError } from '../../../src/base/errors.ts';
import { createCallGuard } from '../../../src/calling/call-guard.ts';
import { createInstanceStore } from '../../../src/instances/store/instance-store.ts';
import { createCheckHealth } from '../../../src/runtime/check-health.ts';
import { callsKnown } from '../../../src/runtime/contexts/calls-known.ts';
import { databases } from '../../system/databases.ts';
import { registerMany } from '../../system/many-services.ts';
import { startLambda } from '../../system/scripted-lambda.ts';
import { startScriptedService } from '../../system/scripted-service.ts';

let database: Awaited<ReturnType<(typeof databases)[0]['start']>>;

beforeEach(async () => {
  database = await databases[0].start();
});
afterEach(() => database.stop());

const instancesTable = () => new Table(database.documents, database.tables.instances);

/** Calls of a container to `service-000`, none of which gets through. */
function callsOfContainer(url: string) {
  const warned: string[] = [];
  const log = { debug() {}, info() {}, error() {}, warn: (message: string) => void warned.push(message) };
  const known = callsKnown({ CHECK_HEALTH_FUNCTION: 'check-health' }, instancesTable(), log);
  const guard = createCallGuard({ now: Date.now }, known);
  const target = { service: 'service-000', version: '1.0.0', instance: 'service-000@gone', url } as const;
  const call = (driven = false) =>
    guard
      .run({ ...target, transport: 'rest', driven }, { deadline: Date.now() + 10_000 }, () =>
        Promise.reject(new OrchestratorError('service.unreachable', 'gone')),
      )
      .catch(({ code }: OrchestratorError) => code);
  return { call, warned };
}

async function goneService(): Promise<string> {
  const { url, close } = await startScriptedService(() => {});
  await close();
  await registerMany(database, 2, url);
  return url;
}

function checkHealth() {
  const check = createCheckHealth({
    STAGE: 'dev',
    LOG_LEVEL: 'ERROR',
    LOG_OUTPUT: 'console',
    DYNAMODB_DOCUMENTS: database.documents,
    REGISTRY_TABLE: database.tables.registry,
    INSTANCES_TABLE: database.tables.instances,
    TELEMETRY_TABLE: database.tables.telemetry,
    RETENTION_DAYS: 1,
    EGRESS_ALLOWED_NETWORKS: ['127.0.0.0/8'],
    AWS_LAMBDA_FUNCTION_NAME: 'check-health',
  });
  onTestFinished(() => check.close());
  return check;
}

const failuresOf = async (service: string) =>
  (await createInstanceStore(instancesTable()).ofService(service))?.checked?.map(({ contrary }) => contrary);

it('the second failure in a row asks once for the check of that instance, which counts once however many ask', async () => {
  const invoked = await startLambda();
  const url = await goneService();
  const { call, warned } = callsOfContainer(url);
  await call();
  expect(invoked).toEqual([]);
  for (let n = 0; n < 3; n++) expect(await call()).toBe('service.unreachable');
  await expect.poll(() => invoked, { timeout: 10_000 }).toHaveLength(1);
  expect(invoked).toEqual([
    {
      path: '/2015-03-31/functions/check-health/invocations',
      type: 'Event',
      services: ['service-000'],
      url: expect.stringContaining(url),
    },
  ]);
  const [{ services, url: asked } = { services: [], url: '' }] = invoked;
  for (let n = 0; n < 3; n++) await checkHealth()({ services, url: asked });
  expect(await failuresOf('service-000')).toEqual([1]);
  expect(await failuresOf('service-001')).toEqual([]);
  expect(warned).toEqual([]);
});

it('a refused invocation fails no call, and is logged', async () => {
  await startLambda({ refuses: () => true });
  const { call, warned } = callsOfContainer(await goneService());
  for (let n = 0; n < 2; n++) expect(await call()).toBe('service.unreachable');
  await expect.poll(() => warned, { timeout: 10_000 }).toEqual(['a health check was not asked for']);
});

it('what a driver starts is not asked for: who starts it looks at it', async () => {
  const invoked = await startLambda();
  const url = await goneService();
  const driven = callsOfContainer(url);
  for (let n = 0; n < 2; n++) await driven.call(true);
  const other = callsOfContainer(url);
  for (let n = 0; n < 2; n++) await other.call();
  await expect.poll(() => invoked, { timeout: 10_000 }).toHaveLength(1);
});
