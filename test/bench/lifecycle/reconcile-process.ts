/**
 * Looks after a fleet with the real stores on the embedded DynamoDB, in a process of its own, so that its CPU is told apart
 * from that of the server which is probed.
 */
import { Table } from '../../../src/aws/table.ts';
import type { ReconcileContext } from '../../../src/lifecycle/context.ts';
import { createProbeTimes } from '../../../src/lifecycle/probe-times.ts';
import { reconcileAll } from '../../../src/lifecycle/sweep/reconcile-all.ts';
import { createReconcileContext } from '../../../src/runtime/contexts/lifecycle.ts';
import { createLog } from '../../../src/runtime/log.ts';
import { loopbackNetworks } from '../../../src/transport/address-policy.ts';
import { startTestDynamoDb } from '../../system/dynamodb.ts';
import { observe } from '../observation.ts';
import { createFakeDriver } from './fake-driver.ts';
import { registerFleet } from './fleet-services.ts';

const [services = 0, instancesEach = 0, rounds = 0] = process.argv.slice(2, 5).map(Number);
const [probedUrl = '', path = ''] = process.argv.slice(5);

const counts = { reads: 0, writes: 0 };
observe(({ phase }) => {
  if (phase.startsWith('write:')) counts.writes += 1;
  else if (phase.startsWith('read:')) counts.reads += 1;
});

async function main(): Promise<void> {
  const { documents, tables, stop } = await startTestDynamoDb({ path });
  const [registry, instances] = [
    new Table(documents, tables.registry),
    new Table(documents, tables.instances),
  ];
  await registerFleet({ registry, instances }, { services, instancesEach });
  const context = createReconcileContext(
    {
      STAGE: 'bench',
      LOG_LEVEL: 'WARN',
      LOG_OUTPUT: 'console',
      DYNAMODB_DOCUMENTS: documents,
      REGISTRY_TABLE: tables.registry,
      INSTANCES_TABLE: tables.instances,
      TELEMETRY_TABLE: tables.telemetry,
      AUDIT_TABLE: tables.audit,
      AUDIT_RETENTION_DAYS: 1,
      USAGE: 'off' as const,
      METRICS_RETENTION_DAYS: 30,
      RETENTION_DAYS: 1,
      CHANGE_MACHINE_ARN: 'arn:aws:states:us-east-1:000000000000:stateMachine:unused',
      EGRESS_ALLOWED_NETWORKS: [...loopbackNetworks],
      DRIVERS: new Map([['process', createFakeDriver(probedUrl)]]),
    },
    createLog('bench', { LOG_LEVEL: 'WARN', LOG_OUTPUT: 'console' }),
    () => false,
  );
  await untilSettled(context);
  process.send?.({ settled: true });
  const unprobed = await measure(() => context);
  const probed = await measure(() => ({ ...context, probeTimes: createProbeTimes() }));
  process.send?.({ unprobed, probed });
  context.close();
  await stop();
}

async function untilSettled(context: ReconcileContext): Promise<void> {
  const sweeping = { budgetMs: 10_000, lookMs: 1 };
  while ((await reconcileAll(context, sweeping)).acted > 0) process.send?.({ settling: true });
}

/** The median of the rounds by the clock; what the rest is of one round. */
async function measure(contextOf: () => ReconcileContext): Promise<object> {
  const ms: number[] = [];
  Object.assign(counts, { reads: 0, writes: 0 });
  const cpu = process.cpuUsage();
  let seen = 0;
  for (let round = 0; round < rounds; round++) {
    const began = performance.now();
    const report = await reconcileAll(contextOf(), { budgetMs: 0, lookMs: 1 });
    ms.push(performance.now() - began);
    seen = report.instances;
  }
  const { user, system } = process.cpuUsage(cpu);
  const each = (value: number): number => value / rounds;
  return {
    instances: seen,
    reads: each(counts.reads),
    writes: each(counts.writes),
    ms: ms.sort((a, b) => a - b)[Math.floor(rounds / 2)],
    cpuMs: each((user + system) / 1000),
  };
}

await main();
