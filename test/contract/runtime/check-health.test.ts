/** The function of the health checks as Lambda runs it: with few services it checks them, many it shares out. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import * as z from 'zod';
import { Table } from '../../../src/aws/table.ts';
import { createInstanceStore } from '../../../src/instances/store/instance-store.ts';
import { routeOf } from '../../../src/registry/services/model/route.ts';
import { createRouteStore } from '../../../src/registry/services/store/route-store.ts';
import { createServiceStore } from '../../../src/registry/services/store/service-store.ts';
import { createCheckHealth } from '../../../src/runtime/check-health.ts';
import { databases } from '../../system/databases.ts';
import { json, startScriptedService } from '../../system/scripted-service.ts';

let database: Awaited<ReturnType<(typeof databases)[0]['start']>>;

beforeEach(async () => {
  database = await databases[0].start();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await database.stop();
});

const Invoked = z.object({ services: z.array(z.string()) });

/** Lambda's Invoke API, as documented: 202 and no body for what is invoked as an event. */
async function startLambda() {
  const invoked: { path: string; type: unknown; services: string[] }[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const piece of request) text += String(piece);
    invoked.push({
      path: request.url ?? '',
      type: request.headers['x-amz-invocation-type'],
      services: Invoked.parse(JSON.parse(text)).services,
    });
    response.writeHead(202).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = z.object({ port: z.number() }).parse(server.address());
  vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', `http://127.0.0.1:${port}`);
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  return invoked;
}

async function register(count: number, url: string): Promise<void> {
  const services = createServiceStore(new Table(database.documents, database.tables.registry));
  const routes = createRouteStore(new Table(database.documents, database.tables.instances));
  for (let n = 0; n < count; n += 1) {
    const at = '2026-11-28T00:00:00.000Z';
    const version = {
      name: `service-${String(n).padStart(3, '0')}`,
      version: '1.0.0',
      transport: 'rest' as const,
      url,
      dependencies: [],
      tags: [],
      labels: {},
      managedBy: 'api' as const,
      registeredAt: at,
      updatedAt: at,
    };
    const record = { name: version.name, revision: 1, versions: [version] };
    await services.put(record, undefined);
    await routes.put(record.name, routeOf(record));
  }
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
    AWS_LAMBDA_FUNCTION_NAME: 'orchestrator-dev-workflows-HealthChecks',
  });
  onTestFinished(() => check.close());
  return check;
}

const healthOf = async (service: string) => {
  const instances = createInstanceStore(new Table(database.documents, database.tables.instances));
  return (await instances.ofService(service))?.checked?.map(({ health }) => health);
};

it('fifty services are checked by the run that finds them', async () => {
  const invoked = await startLambda();
  const well = await startScriptedService((_seen, response) => json(response, {}));
  onTestFinished(() => well.close());
  await register(50, well.url);
  expect(await checkHealth()({})).toMatchObject({ services: 50, checked: 50, failed: 0 });
  expect(invoked).toEqual([]);
  expect(await healthOf('service-049')).toEqual(['HEALTHY']);
});

it('more than fifty are shared out in parts of fifty, each of which is checked by a run of its own', async () => {
  const invoked = await startLambda();
  const well = await startScriptedService((_seen, response) => json(response, {}));
  onTestFinished(() => well.close());
  await register(120, well.url);
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
