/**
 * What starts, stops and looks after instances: one function, the machine that carries changes out with it turn by turn, and
 * the schedule by which it looks at everything.
 */
import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import type { EcsStage, Settings } from '../settings.ts';
import { grantFunctions, grantTasks } from './driver-permissions.ts';
import { FunctionFactory, type StageProps } from './function-factory.ts';
import type { ServiceFunction } from './service-function.ts';
import { ChangeMachine } from './workflow-machines.ts';

type Webhooks = NonNullable<Settings['webhooks']>;

export class Lifecycle extends Construct {
  readonly lifecycle: ServiceFunction;

  constructor(scope: Construct, id: string, props: StageProps) {
    super(scope, id);
    this.lifecycle = this.#createFunction(props);
    new ChangeMachine(this, 'Changes', { stage: props.settings.stage, lifecycle: this.lifecycle });
    new Rule(this, 'Schedule', {
      description: 'Looks after the instances that are started and stopped',
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new LambdaFunction(this.lifecycle.function, { retryAttempts: 0 })],
    });
  }

  #createFunction(props: StageProps): ServiceFunction {
    const { registry, instances, telemetry, settings } = props;
    const factory = new FunctionFactory(this, props);
    const created = factory.create('lifecycle', {
      timeoutSeconds: 120,
      memoryMb: 512,
      calls: true,
      environment: {
        REGISTRY_TABLE: registry.table.tableName,
        INSTANCES_TABLE: instances.table.tableName,
        TELEMETRY_TABLE: telemetry.table.tableName,
        RETENTION_DAYS: String(settings.retentionDays),
        METRICS_RETENTION_DAYS: String(settings.metricsRetentionDays),
        CHANGE_MACHINE_ARN: factory.changeMachine,
        ...factory.listeners,
        ...factory.metrics,
        ...(settings.ecs && ecsVariables(settings.ecs)),
        ...(settings.webhooks && webhookVariables(settings.webhooks)),
      },
    });
    if (settings.ecs) grantTasks(created, settings.ecs);
    if (settings.drivenFunctions.length > 0) grantFunctions(created, settings.drivenFunctions);
    if (settings.webhooks) created.may(['secretsmanager:GetSecretValue'], [settings.webhooks.secretArn]);
    created.mayUse(registry, ['GetItem']);
    factory.mayTell(created);
    factory.mayChangeInstances(created);
    created.mayUse(instances, ['BatchGetItem', 'DeleteItem', 'Query']);
    created.mayQueryIndexes(instances, ['gsi1']);
    created.mayUse(telemetry, ['PutItem', 'Query']);
    return created;
  }
}

const ecsVariables = ({ cluster, subnets, securityGroups, reach }: EcsStage): Record<string, string> => ({
  ECS_CLUSTER: cluster,
  ECS_SUBNETS: subnets.join(','),
  ECS_SECURITY_GROUPS: securityGroups.join(','),
  ECS_REACH: reach,
});

const webhookVariables = ({
  secretArn,
  instanceManagementUrl,
  scalingUrl,
}: Webhooks): Record<string, string> => ({
  SERVICE_WEBHOOK_SECRET_ID: secretArn,
  ...(instanceManagementUrl && { SERVICE_INSTANCE_MANAGEMENT_URL: instanceManagementUrl }),
  ...(scalingUrl && { SERVICE_SCALING_URL: scalingUrl }),
});
