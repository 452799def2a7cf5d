/** A service that is a function, looked after as any other: one instance, as large as instances are wanted. */
import { LambdaClient } from '@aws-sdk/client-lambda';
import { expect, it, onTestFinished } from 'vitest';
import { Table } from '../../../src/aws/table.ts';
import type { ServiceLifecycle } from '../../../src/instances/model/service-lifecycle.ts';
import { createDrivenStore } from '../../../src/instances/store/driven-store.ts';
import type { ReconcileContext } from '../../../src/lifecycle/context.ts';
import { createLambdaDriver } from '../../../src/lifecycle/drivers/lambda/lambda-driver.ts';
import { createProbeTimes } from '../../../src/lifecycle/probe-times.ts';
import { createChangeStore } from '../../../src/lifecycle/store/change-store.ts';
import { settleService } from '../../../src/lifecycle/sweep/reconcile-all.ts';
import { trafficOfOthers } from '../../../src/lifecycle/traffic.ts';
import { createHealthHistory } from '../../../src/monitor/health/store/health-history.ts';
import { routeOf } from '../../../src/registry/services/model/route.ts';
import { ServiceRecord } from '../../../src/registry/services/model/services.ts';
import { createRouteStore } from '../../../src/registry/services/store/route-store.ts';
import { newId, sha256, systemClock } from '../../../src/runtime/clock-and-ids.ts';
import { databases } from '../../system/databases.ts';
import { present } from '../../system/on-demand.ts';
import { type FunctionState, startScriptedLambda } from './scripted-lambda.ts';

const at = '2026-11-28T09:00:00.000Z';
const url = 'https://abc.lambda-url.eu-central-1.on.aws';

const record = ServiceRecord.parse({
  name: 'gmail',
  revision: 1,
  versions: [
    {
      name: 'gmail',
      version: '1.0.0',
      transport: 'mcp',
      dependencies: [],
      tags: [],
      labels: {},
      managedBy: 'api',
      registeredAt: at,
      updatedAt: at,
      driver: { kind: 'lambda', settings: { functionName: 'gmail-mcp', alias: 'live', url } },
      healthCheck: { kind: 'mcp' },
      scaling: { minInstances: 1, maxInstances: 9 },
      drainSeconds: 0,
    },
  ],
});

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

async function openService(skip: Parameters<typeof present>[1], state: FunctionState) {
  const database = present(await databases[0].start(), skip);
  onTestFinished(database.stop);
  const lambda = await startScriptedLambda({ 'gmail-mcp': state });
  onTestFinished(lambda.close);
  const instances = new Table(database.documents, database.tables.instances);
  await createRouteStore(instances).put('gmail', routeOf(record));
  const driven = createDrivenStore(instances);
  const driver = createLambdaDriver({ client: new LambdaClient(lambda.connection) });
  const context: ReconcileContext = {
    driven,
    changes: createChangeStore(instances, { days: 1 }),
    services: { get: async () => record },
    stepFunctions: { start: () => Promise.reject(new Error('no change is asked for')) },
    changeMachineArn: 'arn:aws:states:eu-central-1:123456789012:stateMachine:changes',
    platform: 'aws',
    settleMs: 0,
    clock: systemClock,
    log: quiet,
    hash: sha256,
    newId,
    random: () => 0,
    healthHistory: createHealthHistory(new Table(database.documents, database.tables.telemetry), { days: 1 }),
    drivers: new Map([['lambda', driver]]),
    probeTimes: createProbeTimes(),
    probe: async () => ({ passed: true }),
    traffic: trafficOfOthers(async () => 0),
    ending: () => false,
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
  const settle = () => settleService(context, 'gmail', { budgetMs: 10_000, lookMs: 10 });
  return {
    settle,
    asked: lambda.asked,
    async want(patch: Partial<ServiceLifecycle>): Promise<void> {
      const { lifecycle } = await driven.ofService('gmail', { consistent: true });
      if (!lifecycle) throw new Error('nothing is wanted of it yet');
      await driven.putLifecycle({ ...lifecycle, ...patch, ver: lifecycle.ver + 1 });
      await settle();
    },
    async instances() {
      const { instances: all } = await driven.ofService('gmail', { consistent: true });
      return all.map(({ id, state: word, ref, starts }) => ({ id, state: word, ref, starts }));
    },
  };
}

it('is one instance, which is resized, started anew in its place, and given back its reservation', async (context) => {
  const state: FunctionState = { reserved: 20, provisioned: {} };
  const service = await openService(context, state);
  await service.settle();
  const first = { id: 'gmail-1', state: 'RUNNING', ref: 'gmail-mcp reserved=20', starts: 1 };
  expect(await service.instances()).toEqual([first]);
  expect(state).toEqual({ reserved: 20, provisioned: { live: 1 } });

  await service.want({ count: 3 });
  expect(await service.instances()).toEqual([first]);
  expect(state).toEqual({ reserved: 20, provisioned: { live: 3 } });

  await service.want({ revision: 2 });
  expect(await service.instances()).toEqual([{ ...first, starts: 2 }]);
  expect(state).toEqual({ reserved: 20, provisioned: { live: 3 } });
  expect(service.asked).toContain('PUT concurrency 0');

  await service.want({ desired: 'stopped' });
  expect(await service.instances()).toEqual([{ ...first, state: 'STOPPED', starts: 2 }]);
  expect(state).toEqual({ reserved: 0, provisioned: {} });

  await service.want({ desired: 'running' });
  expect(await service.instances()).toEqual([{ ...first, starts: 3 }]);
  expect(state).toEqual({ reserved: 20, provisioned: { live: 3 } });
});
