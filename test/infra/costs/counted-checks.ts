/**
 * Runs `check-health` over so many services with an instance each, as Lambda does: one run that hands them out, and one for each
 * part. Counts what AWS would bill, once every instance is known to be healthy.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { sdkDocuments } from '../../../src/aws/sdk-documents.ts';
import type { HealthSweepReport } from '../../../src/monitor/health/sweep-health.ts';
import { createCheckHealth } from '../../../src/runtime/check-health.ts';
import type { HealthConfig } from '../../../src/runtime/config.ts';
import { startTestDynamoDb } from '../../system/dynamodb.ts';
import { registerMany } from '../../system/many-services.ts';
import { startLambda } from '../../system/scripted-lambda.ts';
import { json, startScriptedService } from '../../system/scripted-service.ts';
import { watchTables } from './table-usage.ts';

export interface CountedChecks {
  readonly invocations: number;
  readonly checked: number;
  readonly failed: number;
  readonly readUnits: number;
  /** The mark that the sweep has run among them. */
  readonly writeUnits: number;
}

const local = { region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };

/** For a test: what it starts goes with that. */
export async function countChecks(instances: number): Promise<CountedChecks> {
  const path = await mkdtemp(join(tmpdir(), 'orchestrator-checks-'));
  const { url, tables, stop } = await startTestDynamoDb({ path });
  const service = await startScriptedService((_seen, response) => json(response, {}));
  const documents = sdkDocuments({ ...local, endpoint: url });
  try {
    await registerMany({ documents, tables, stop }, instances, service.url);
    return await countSweep({
      STAGE: 'prod',
      LOG_LEVEL: 'ERROR',
      LOG_OUTPUT: 'console',
      DYNAMODB_ENDPOINT: url,
      REGISTRY_TABLE: tables.registry,
      INSTANCES_TABLE: tables.instances,
      TELEMETRY_TABLE: tables.telemetry,
      RETENTION_DAYS: 1,
      EGRESS_ALLOWED_NETWORKS: ['127.0.0.0/8'],
      AWS_LAMBDA_FUNCTION_NAME: 'check-health',
    });
  } finally {
    documents.close();
    await service.close();
    await stop();
    await rm(path, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function countSweep(config: HealthConfig & { readonly DYNAMODB_ENDPOINT: string }) {
  const invoked = await startLambda();
  const sweep = async () => {
    const reports = [await runAlone(config, {})];
    const parts = invoked.splice(0);
    for (const { services } of parts) reports.push(await runAlone(config, { services }));
    return { reports: reports.filter((report) => report !== undefined), invocations: 1 + parts.length };
  };
  await sweep();
  // A minute later.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
  const usage = watchTables(config.DYNAMODB_ENDPOINT);
  try {
    const { reports, invocations } = await sweep();
    const used = usage.taken();
    const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);
    return {
      invocations,
      checked: sum(reports.map(({ checked }) => checked)),
      failed: sum(reports.map(({ failed }) => failed)),
      readUnits: sum(used.map(({ readUnits }) => readUnits)),
      writeUnits: sum(used.map(({ writeUnits }) => writeUnits)),
    };
  } finally {
    vi.useRealTimers();
    usage.stop();
  }
}

/** In a container of its own. */
async function runAlone(config: HealthConfig, event: object): Promise<HealthSweepReport | undefined> {
  const checkHealth = createCheckHealth(config);
  try {
    return await checkHealth(event);
  } finally {
    checkHealth.close();
  }
}
