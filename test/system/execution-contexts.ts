/** The contexts of a running system's functions, for tests that stand in for a function that crashed. */
import type { Endpoints } from '../../local/system.ts';
import type { CallingContext } from '../../src/runtime/contexts/executions.ts';
import { createCallingContext } from '../../src/runtime/contexts/executions.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export const contextOf = ({ dynamodb, stepFunctions }: Endpoints): CallingContext =>
  createCallingContext(
    {
      STAGE: 'local',
      LOG_LEVEL: 'ERROR',
      LOG_OUTPUT: 'console',
      DYNAMODB_ENDPOINT: dynamodb,
      STEP_FUNCTIONS_ENDPOINT: stepFunctions,
      REGISTRY_TABLE: 'orchestrator-registry',
      INSTANCES_TABLE: 'orchestrator-instances',
      EXECUTIONS_TABLE: 'orchestrator-executions',
      TELEMETRY_TABLE: 'orchestrator-telemetry',
      USAGE: 'on' as const,
      METRICS_RETENTION_DAYS: 30,
      RETENTION_DAYS: 30,
      UNDO_MACHINE_ARN: 'arn:aws:states:us-east-1:000000000000:stateMachine:orchestrator-local-undo',
      CHANGE_MACHINE_ARN: 'arn:aws:states:us-east-1:000000000000:stateMachine:orchestrator-local-changes',
      EGRESS_ALLOWED_NETWORKS: ['127.0.0.0/8'],
    },
    silent,
  );
