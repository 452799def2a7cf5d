/** Makes the functions of a stage: what all of them know, and the calls that several of them make. */

import type { Construct } from 'constructs';
import { acceptFindings } from '../accepted-findings.ts';
import {
  changeMachineNameOf,
  eventBusNameOf,
  executionsArn,
  machineArn,
  machinePrefixOf,
  undoMachineNameOf,
} from '../names.ts';
import type { Settings } from '../settings.ts';
import { mayReadCredentials } from './credential-permissions.ts';
import type { RecordTable } from './record-table.ts';
import { ServiceFunction, type TableAction } from './service-function.ts';

export interface StageProps {
  readonly settings: Settings;
  /** The folder that holds one bundle for each function. */
  readonly bundles: string;
  readonly registry: RecordTable;
  readonly instances: RecordTable;
  readonly executions: RecordTable;
  readonly telemetry: RecordTable;
  /** Who asked for what. */
  readonly audit: RecordTable;
}

interface Sizing {
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly environment?: Record<string, string>;
  /** Whether it calls services, and so is in their network and may call that. */
  readonly calls?: boolean;
  /** Whether its calls carry the credentials of services. */
  readonly credentials?: boolean;
}

/** What ending an execution takes: its steps, and the step of another execution that waits for it. */
const ending: readonly TableAction[] = ['GetItem', 'BatchGetItem', 'UpdateItem', 'Query'];

export class FunctionFactory {
  readonly undoMachine: string;
  readonly changeMachine: string;
  /** The machines of workflows, of the manifest and of run time alike, and their executions. */
  readonly machines: string;
  readonly runs: string;
  readonly #scope: Construct;
  readonly #props: StageProps;

  constructor(scope: Construct, props: StageProps) {
    const { stage } = props.settings;
    this.#scope = scope;
    this.#props = props;
    this.undoMachine = machineArn(scope, undoMachineNameOf(stage));
    this.changeMachine = machineArn(scope, changeMachineNameOf(stage));
    this.machines = machineArn(scope, `${machinePrefixOf(stage)}*`);
    this.runs = executionsArn(scope, `${machinePrefixOf(stage)}*`);
    this.#acknowledgePrefix(machinePrefixOf(stage));
  }

  /** A function that knows the stage, and nothing but what it is told. */
  create(
    name: string,
    { timeoutSeconds, memoryMb, environment = {}, calls = false, credentials = calls }: Sizing,
  ): ServiceFunction {
    const { settings, bundles } = this.#props;
    const allowed = credentials ? settings.credentials : [];
    const created = new ServiceFunction(this.#scope, name, {
      bundles,
      timeoutSeconds,
      memoryMb,
      logRetentionDays: settings.logRetentionDays,
      network: calls && settings.ecs?.reach === 'private' ? settings.ecs : undefined,
      environment: {
        ...(calls && { EGRESS_ALLOWED_NETWORKS: allowedNetworksOf(settings) }),
        ...(allowed.length > 0 && { CREDENTIALS_ALLOWED: allowed.join(',') }),
        LOG_LEVEL: settings.logLevel,
        LOG_OUTPUT: 'console',
        ...(settings.logPayloads.length > 0 && { LOG_PAYLOADS: settings.logPayloads.join(',') }),
        STAGE: settings.stage,
        ...environment,
      },
    });
    if (allowed.length > 0) mayReadCredentials(created, allowed);
    return created;
  }

  /** One that works on executions, and may end them as failed or cancelled. */
  createForExecutions(name: string, { environment, ...sizing }: Sizing): ServiceFunction {
    const { settings, registry, instances, executions, telemetry } = this.#props;
    const created = this.create(name, {
      ...sizing,
      environment: {
        REGISTRY_TABLE: registry.table.tableName,
        INSTANCES_TABLE: instances.table.tableName,
        EXECUTIONS_TABLE: executions.table.tableName,
        TELEMETRY_TABLE: telemetry.table.tableName,
        RETENTION_DAYS: String(settings.retentionDays),
        METRICS_RETENTION_DAYS: String(settings.metricsRetentionDays),
        UNDO_MACHINE_ARN: this.undoMachine,
        CHANGE_MACHINE_ARN: this.changeMachine,
        ...this.listeners,
        ...this.metrics,
        ...tracesOf(settings),
        ...environment,
      },
    });
    const { headersSecretArn } = settings.traces ?? {};
    if (headersSecretArn !== undefined) created.may(['secretsmanager:GetSecretValue'], [headersSecretArn]);
    this.#mayEndExecutions(created);
    created.mayUse(telemetry, ['PutItem']);
    return created;
  }

  /** Who is told of events, besides the subscriptions in the registry. */
  get listeners(): Record<string, string> {
    const { stage, webhooks, eventBus } = this.#props.settings;
    return {
      ...(webhooks?.monitoringUrl && { SERVICE_MONITORING_URL: webhooks.monitoringUrl }),
      ...(eventBus && { EVENT_BUS: eventBusNameOf(stage) }),
    };
  }

  /** How finely metrics are written for CloudWatch. */
  get metrics(): Record<string, string> {
    return { CLOUDWATCH_METRICS: this.#props.settings.metrics };
  }

  /** Who wants to know what happened is looked up, and what they are to be told is kept for them. */
  mayTell(caller: ServiceFunction): void {
    caller.mayUse(this.#props.registry, ['Query']);
    caller.mayUse(this.#props.telemetry, ['PutItem']);
  }

  /** Asking for a change, such as one that wakes a service for a call. */
  mayChangeInstances(caller: ServiceFunction): void {
    caller.mayUse(this.#props.instances, ['GetItem', 'PutItem']);
    caller.may(['states:StartExecution'], [this.changeMachine]);
  }

  /** What succeeds may have an output that is kept by itself, and is the result of the step that waits for it. */
  mayEndWell(caller: ServiceFunction): void {
    caller.mayUse(this.#props.executions, ['PutItem']);
    caller.may(['states:SendTaskSuccess'], ['*']);
  }

  /** Ending one may end those that it waits for, undo steps, and fail the step that waits for it. */
  #mayEndExecutions(caller: ServiceFunction): void {
    caller.mayUse(this.#props.executions, ending);
    this.mayTell(caller);
    caller.may(['states:StopExecution'], [this.runs]);
    caller.may(['states:StartExecution'], [this.undoMachine]);
    caller.may(['states:SendTaskFailure'], ['*']);
    acceptFindings(caller, {
      'IAM5[Resource::*]':
        'SendTaskSuccess and SendTaskFailure know no narrower resource; only who has a task token can use them',
    });
  }

  #acknowledgePrefix(prefix: string): void {
    const arn = (rest: string): string =>
      `IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:${rest}]`;
    const reason = 'Machines are made at run time; the prefix is of this stage alone';
    acceptFindings(this.#scope, {
      [arn(`stateMachine:${prefix}*`)]: reason,
      [arn(`execution:${prefix}*:*`)]: reason,
    });
  }
}

/** Who is told of traces; OpenTelemetry gives these variables their names. */
const tracesOf = ({ stage, traces }: Settings): Record<string, string> =>
  traces === undefined
    ? {}
    : {
        OTEL_EXPORTER_OTLP_ENDPOINT: traces.endpoint,
        OTEL_SERVICE_NAME: traces.serviceName ?? `orchestrator-${stage}`,
        OTEL_TRACES_SAMPLER_ARG: String(traces.share),
        ...(traces.headersSecretArn !== undefined && {
          OTEL_EXPORTER_OTLP_HEADERS_SECRET_ID: traces.headersSecretArn,
        }),
      };

/** Tasks that are called at their private addresses are in a network that may be called. */
const allowedNetworksOf = ({ allowedNetworks, ecs }: Settings): string =>
  [...allowedNetworks, ...(ecs?.reach === 'private' ? [ecs.network] : [])].join(',');
