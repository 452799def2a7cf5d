/** The function of the health checks as Lambda runs it: with few services it checks them, many it shares out. */
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { Table } from '../../../src/aws/table.ts';
import { createInstanceStore } from '../../../src/instances/store/instance-store.ts';
import { createSweepMarks } from '../../../src/monitor/system/sweep-marks.ts';
import { createCheckHealth } from '../../../src/runtime/check-health.ts';
import { databases } from '../../system/databases.ts';
import { registerMany } from '../../system/many-services.ts';
import { startLambda } from '../../system/scripted-lambda.ts';
import { json, startScriptedService } from '../../system/scripted-service.ts';

let database: Awaited<ReturnType<(typeof databases)[0]['start']>>;

beforeEach(async () => {
  database = await databases[0].start();
});
afterEach(() => database.stop());

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
    AWS_LAMBDA_FUNCTION_NAME: 'orchestrator-dev-workflows-HealthChecks',
  });
  onTestFinished(() => check.close());
  return check;
}

const checkedOf = async (service: string) => {
  const instances = createInstanceStore(new Table(database.documents, database.tables.instances));
  return (await instances.ofService(service))?.checked ?? [];
};
const healthOf = async (service: string) => (await checkedOf(service)).map(({ health }) => health);

const marks = async () =>
  (
    await createSweepMarks(new Table(database.documents, database.tables.telemetry), {
      now: Date.now,
    }).all()
  ).map(({ name }) => name);

async function startService() {
  const service = await startScriptedService((_seen, response) => json(response, {}));
  onTestFinished(() => service.close());
  return service;
}

it('fifty services are checked by the run that finds them', async () => {
  const invoked = await startLambda();
  await registerMany(database, 50, (await startService()).url);
  expect(await checkHealth()({})).toMatchObject({ services: 50, checked: 50, failed: 0 });
  expect(invoked).toEqual([]);
  expect(await healthOf('service-049')).toEqual(['HEALTHY']);
});

it('more than fifty are shared out in parts of fifty, each of which is checked by a run of its own', async () => {
  const invoked = await startLambda();
  await registerMany(database, 120, (await startService()).url);
  expect(await checkHealth()({})).toBeUndefined();
  expect(invoked.map(({ path, type, services }) => [path, type, services.length])).toEqual(
    expect.arrayContaining([
      ['/2015-03-31/functions/orchestrator-dev-workflows-HealthChecks/invocations', 'Event', 50],
      ['/2015-03-31/functions/orchestrator-dev-workflows-HealthChecks/invocations', 'Event', 20],
    ]),
  );
  expect(invoked.flatMap(({ services }) => services).sort()).toHaveLength(120);
  expect(await healthOf('service-119')).toEqual([]);
  for (const { services } of invoked) await checkHealth()({ services });
  expect(await healthOf('service-000')).toEqual(['HEALTHY']);
  expect(await healthOf('service-119')).toEqual(['HEALTHY']);
});

describe('where Lambda takes one part and not another', () => {
  it('the others are handed over, the run fails, and the sweep does not count as done', async () => {
    const invoked = await startLambda({ refuses: (services) => services.includes('service-000') });
    await registerMany(database, 120, (await startService()).url);
    await expect(checkHealth()({})).rejects.toThrow(
      '1 of 3 parts of the health checks were handed to nobody',
    );
    expect(invoked.map(({ services }) => services.length).sort()).toEqual([20, 50]);
    expect(await marks()).toEqual([]);
  });

  it('the next sweep hands all of them over, and counts', async () => {
    let refusing = true;
    const invoked = await startLambda({ refuses: () => refusing });
    await registerMany(database, 60, (await startService()).url);
    await expect(checkHealth()({})).rejects.toThrow('2 of 2 parts');
    refusing = false;
    await checkHealth()({});
    expect(invoked).toHaveLength(2);
    expect(await marks()).toEqual(['check-health']);
  });
});

describe('a part that Lambda delivers twice', () => {
  const services = ['service-000', 'service-001'];

  it('counts once, at the same time as one after the other', async () => {
    const { url, close } = await startScriptedService(() => {});
    await close();
    await registerMany(database, 2, url);
    await Promise.all([checkHealth()({ services }), checkHealth()({ services })]);
    const once = await checkedOf('service-000');
    expect(once).toMatchObject([{ health: 'UNKNOWN', contrary: 1 }]);
    expect(await checkHealth()({ services })).toMatchObject({ targets: 2, checked: 0 });
    expect(await checkedOf('service-000')).toEqual(once);
  });
});
