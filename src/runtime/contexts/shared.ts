/** What all share that know of executions, but for the stores: some need these with every call, some seldom. */
import { Table } from '../../aws/table.ts';
import { late } from '../../base/late.ts';
import type { Log } from '../../base/log.ts';
import { createPayloadLog, type LogPayloads } from '../../base/payload-log.ts';
import { loadSchemaChecker } from '../../json-schema/schema-checker.ts';
import { documentsOf } from '../aws-connections.ts';
import { newId, sha256, systemClock } from '../clock-and-ids.ts';
import type { SharedConfig } from '../config.ts';
import { lateEvents } from './events.ts';
import { metering } from './metering.ts';
import { lateStepFunctions } from './step-functions.ts';
import { createTracing } from './tracing.ts';

/** Lets go of connections; only tests and local mode end. */
export interface Closing {
  close(): void;
}

/**
 * For one expression of `select` or `compensate`. Together they fit into the five seconds that Step Functions
 * waits longer than the call may last, and the memory beside the function's own.
 */
const expressionLimits = { budgetMs: 1_000, memoryMb: 128 };

export interface Tables {
  readonly registry: Table;
  readonly instances: Table;
  readonly executions: Table;
  readonly telemetry: Table;
}

export function shareWithExecutions(config: SharedConfig, log: Log) {
  const documents = documentsOf(config);
  const tables: Tables = {
    registry: new Table(documents, config.REGISTRY_TABLE),
    instances: new Table(documents, config.INSTANCES_TABLE),
    executions: new Table(documents, config.EXECUTIONS_TABLE),
    telemetry: new Table(documents, config.TELEMETRY_TABLE),
  };
  const stepFunctions = lateStepFunctions(config);
  const { stopMeter, ...meters } = metering(config, tables.telemetry, log);
  const { tracing, tracesTold, stopTracing } = createTracing(config, log);
  const events = lateEvents(config, tables);
  const evaluators = lateEvaluators({ report: (message) => log.warn(message) });
  const workflows = late(async () =>
    (await import('../../workflows/store/workflow-store.ts')).createWorkflowStore(tables.registry),
  );
  return {
    tables,
    tableNamed: (name: string) => new Table(documents, name),
    ...meters,
    tracing,
    tracesTold,
    workflows,
    definitions: late(async () =>
      (await import('../../workflows/kept-definitions.ts')).keepDefinitions(workflows),
    ),
    executionLists: late(async () =>
      (await import('../../executions/store/execution-lists.ts')).createExecutionLists(tables.executions),
    ),
    results: late(async () =>
      (await import('../../executions/store/result-store.ts')).createResultStore(tables.executions),
    ),
    stepFunctions,
    news: config.EXECUTION_NEWS,
    events,
    ends: late(async () =>
      (await import('../../monitor/events/ends-of-executions.ts')).endsOfExecutions(events),
    ),
    evaluateApart: evaluators.evaluate,
    schemas: loadSchemaChecker,
    undoMachineArn: config.UNDO_MACHINE_ARN,
    retentionDays: config.RETENTION_DAYS,
    clock: systemClock,
    random: Math.random,
    newId,
    hash: sha256,
    log,
    logPayloads: payloadLogOf(config),
    close() {
      stopMeter();
      stopTracing();
      void evaluators.close();
      stepFunctions.close();
      documents.close();
    },
  };
}

interface OwnOfEvaluators {
  readonly native?: boolean;
  readonly report: (message: string) => void;
}

const payloadLogOf = ({ LOG_PAYLOADS = [] }: SharedConfig): LogPayloads | undefined =>
  LOG_PAYLOADS.length > 0 ? createPayloadLog(LOG_PAYLOADS) : undefined;

export const lateEvaluators = (options: OwnOfEvaluators) =>
  late(async () =>
    (await import('../../expressions/expression-evaluators.ts')).createExpressionEvaluators({
      ...expressionLimits,
      ...options,
    }),
  );
