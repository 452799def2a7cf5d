/** The functions behind the API: what answers it, and what lets callers in. */

import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { machinePrefixOf } from '../names.ts';
import { FunctionFactory, type StageProps } from './function-factory.ts';
import type { RecordTable } from './record-table.ts';
import type { ServiceFunction } from './service-function.ts';

export interface ApiFunctionsProps extends StageProps {
  readonly adminKey: Secret;
  /** Who may call. */
  readonly access: RecordTable;
  readonly runStep: IFunction;
  /** The role of the machines that are made at run time. */
  readonly machineRole: IRole;
  /** Of the functions behind workflows. */
  readonly logGroups: readonly LogGroup[];
}

export class ApiFunctions extends Construct {
  readonly api: ServiceFunction;
  readonly authorizer: ServiceFunction;
  readonly smokeCheck: ServiceFunction;
  readonly #props: ApiFunctionsProps;
  readonly #factory: FunctionFactory;

  constructor(scope: Construct, id: string, props: ApiFunctionsProps) {
    super(scope, id);
    this.#props = props;
    this.#factory = new FunctionFactory(this, props);
    this.api = this.#createApi();
    this.authorizer = this.#createAuthorizer(props.access);
    this.smokeCheck = this.#readingKey('smoke-check', { timeoutSeconds: 300, memoryMb: 256 });
  }

  /** API Gateway's own limit is 29 s. */
  #createApi(): ServiceFunction {
    const {
      settings,
      registry,
      instances,
      executions,
      telemetry,
      access,
      audit,
      machineRole,
      runStep,
      logGroups,
    } = this.#props;
    const { machines, runs, undoMachine } = this.#factory;
    const api = this.#factory.createForExecutions('api', {
      timeoutSeconds: 29,
      memoryMb: 1024,
      calls: true,
      environment: {
        MACHINE_PREFIX: machinePrefixOf(settings.stage),
        MACHINE_ROLE_ARN: machineRole.roleArn,
        RUN_STEP_FUNCTION: runStep.functionArn,
        ACCESS_TABLE: access.table.tableName,
        AUDIT_TABLE: audit.table.tableName,
        AUDIT_RETENTION_DAYS: String(settings.auditRetentionDays),
        REVOCATION_SECONDS: '60',
        RATE_LIMITS: Object.entries(settings.rateLimits)
          .map(([name, perMinute]) => `${name}=${perMinute}`)
          .join(','),
        ...(settings.defaultWorkflow && { DEFAULT_WORKFLOW: settings.defaultWorkflow }),
        ...(settings.registryNamespace && { REGISTRY_NAMESPACE: settings.registryNamespace }),
        ...(settings.serviceRegistryUrl && { SERVICE_REGISTRY_URL: settings.serviceRegistryUrl }),
        ...(settings.allowedOrigins.length > 0 && { ALLOWED_ORIGINS: settings.allowedOrigins.join(',') }),
        ...(!settings.webhooks && { WEBHOOK_DRIVER: 'off' }),
        ...(settings.tokenIssuers.length > 0 && { TOKEN_ISSUERS: JSON.stringify(settings.tokenIssuers) }),
        ...(settings.tokenIssuer && { TOKEN_ISSUER: settings.tokenIssuer }),
      },
    });
    this.#factory.mayEndWell(api);
    api.mayUse(registry, ['GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query']);
    api.mayQueryIndexes(registry, ['gsi1']);
    this.#factory.mayChangeInstances(api);
    api.mayUse(instances, ['BatchGetItem', 'UpdateItem', 'DeleteItem', 'Query']);
    api.mayQueryIndexes(instances, ['gsi1', 'gsi2']);
    api.mayUse(telemetry, ['PutItem', 'DeleteItem', 'Query']);
    api.mayQueryIndexes(executions, ['gsi1', 'gsi2', 'gsi3']);
    api.mayUse(executions, ['DeleteItem']);
    api.mayUse(telemetry, ['Query']);
    api.mayUse(access, ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query']);
    // Append-only: nothing may delete a record or read one by itself.
    api.mayUse(audit, ['PutItem', 'UpdateItem', 'Query']);
    api.may(['states:StartExecution', 'states:CreateStateMachine'], [machines]);
    api.may(['states:DescribeStateMachine'], [undoMachine]);
    api.may(['states:DescribeExecution', 'states:RedriveExecution', 'states:GetExecutionHistory'], [runs]);
    const groups = [...logGroups, api.logGroup];
    api.function.addEnvironment('LOG_GROUPS', groups.map(({ logGroupName }) => logGroupName).join(','));
    api.mayReadLogs(groups);
    api.mayPass([machineRole.roleArn], 'states.amazonaws.com');
    return api;
  }

  /** It reads who calls, and notes at most hourly that a key was used. With half the memory a password would take a second. */
  #createAuthorizer(access: RecordTable): ServiceFunction {
    const { tokenIssuers } = this.#props.settings;
    const authorizer = this.#readingKey('authorizer', { timeoutSeconds: 10, memoryMb: 512 });
    authorizer.function.addEnvironment('ACCESS_TABLE', access.table.tableName);
    if (tokenIssuers.length > 0)
      authorizer.function.addEnvironment('TOKEN_ISSUERS', JSON.stringify(tokenIssuers));
    authorizer.mayUse(access, ['GetItem', 'UpdateItem']);
    return authorizer;
  }

  #readingKey(name: string, size: { timeoutSeconds: number; memoryMb: number }): ServiceFunction {
    const { adminKey } = this.#props;
    const reading = this.#factory.create(name, {
      ...size,
      environment: { ADMIN_KEY_SECRET_ID: adminKey.secretArn },
    });
    reading.may(['secretsmanager:GetSecretValue'], [adminKey.secretArn]);
    return reading;
  }
}
