/**
 * Sweeps a fleet of services with the real stores on the embedded DynamoDB, in a process of its own: once for what a sweep
 * costs in which nothing has changed, and again and again for false alarms.
 */
import { Table } from '../../../src/aws/table.ts';
import { createClockedChecks } from '../../../src/monitor/health/due-checks.ts';
import { createHealthSweep } from '../../../src/monitor/health/sweep-health.ts';
import { HealthCheck } from '../../../src/registry/services/model/health-check.ts';
import { routeOf } from '../../../src/registry/services/model/route.ts';
import type { Service } from '../../../src/registry/services/model/services.ts';
import { createRouteStore } from '../../../src/registry/services/store/route-store.ts';
import { createServiceStore } from '../../../src/registry/services/store/service-store.ts';
import { createHealthContext } from '../../../src/runtime/contexts/health.ts';
import { createLog } from '../../../src/runtime/log.ts';
import { loopbackNetworks } from '../../../src/transport/address-policy.ts';
import { startTestDynamoDb } from '../../system/dynamodb.ts';
import { observe } from '../observation.ts';

const [services = 0, rounds = 0] = process.argv.slice(2, 4).map(Number);
const [url = '', path = ''] = process.argv.slice(4);

const counts = { reads: 0, writes: 0 };
observe(({ phase }) => {
  if (phase.startsWith('write:')) counts.writes += 1;
  else if (phase.startsWith('read:')) counts.reads += 1;
});

async function main(): Promise<void> {
  const { documents, tables, stop } = await startTestDynamoDb({ path });
  await register(new Table(documents, tables.registry), new Table(documents, tables.instances));
  const logging = { LOG_LEVEL: 'ERROR' as const, LOG_OUTPUT: 'console' };
  const context = createHealthContext(
    {
      ...logging,
      STAGE: 'bench',
      DYNAMODB_DOCUMENTS: documents,
      REGISTRY_TABLE: tables.registry,
      INSTANCES_TABLE: tables.instances,
      TELEMETRY_TABLE: tables.telemetry,
      RETENTION_DAYS: 1,
      EGRESS_ALLOWED_NETWORKS: [...loopbackNetworks],
    },
    createLog('bench', logging),
  );
  // A minute passes between two sweeps, as on AWS: what was checked just now is not checked again.
  let passedMs = 0;
  const clock = { now: () => Date.now() + passedMs };
  const due = createClockedChecks({ clock }, { everySeconds: 60 });
  const { sweep } = createHealthSweep({ ...context, clock, due }, context.sweeping);
  await sweep();
  const total = { checked: 0, failed: 0, ms: [] as number[] };
  Object.assign(counts, { reads: 0, writes: 0 });
  const cpu = process.cpuUsage();
  for (let round = 0; round < rounds; round += 1) {
    passedMs += 60_000;
    const began = performance.now();
    const { checked, failed } = await sweep();
    total.ms.push(performance.now() - began);
    total.checked += checked;
    total.failed += failed;
  }
  const { user, system } = process.cpuUsage(cpu);
  process.send?.({
    checked: total.checked,
    failed: total.failed,
    reads: counts.reads / rounds,
    writes: counts.writes / rounds,
    ms: total.ms.sort((a, b) => a - b)[Math.floor(rounds / 2)],
    cpuMs: (user + system) / 1000 / rounds,
  });
  context.close();
  await stop();
}

const registeredAt = '2026-01-01T00:00:00.000Z';

/** Each by its url, with the check that a service has by default. */
async function register(registry: Table, instances: Table): Promise<void> {
  const [records, routes] = [createServiceStore(registry), createRouteStore(instances)];
  for (let n = 0; n < services; n += 1) {
    const version: Service = {
      name: `service-${n}`,
      version: '1.0.0',
      transport: 'rest',
      url,
      healthCheck: HealthCheck.parse({ kind: 'http', graceSeconds: 0 }),
      dependencies: [],
      tags: [],
      labels: {},
      managedBy: 'api',
      registeredAt,
      updatedAt: registeredAt,
    };
    const record = { name: version.name, revision: 1, versions: [version] };
    await records.put(record, undefined);
    await routes.put(record.name, routeOf(record));
  }
}

await main();
