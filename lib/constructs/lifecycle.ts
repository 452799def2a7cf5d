/**
 * What starts, stops and looks after instances: one function, the machine that carries changes out with it turn by turn, and
 * the schedule by which it looks at everything.
 */
import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { EcsStage, Settings } from '../settings.ts';
import { grantFunctions, grantTasks } from './driver-permissions.ts';
import type { FunctionFactory, StageProps } from './function-factory.ts';
import { ScheduledFunction } from './scheduled-function.ts';
import { ChangeMachine } from './workflow-machines.ts';

type Webhooks = NonNullable<Settings['webhooks']>;

export class Lifecycle extends ScheduledFunction {
  constructor(scope: Construct, id: string, stage: StageProps) {
    super(scope, id, {
      stage,
      name: 'lifecycle',
      every: Duration.minutes(1),
      says: 'Looks after the instances that are started and stopped',
      timeoutSeconds: 120,
      memoryMb: 512,
      tables: ['registry', 'instances', 'telemetry', 'audit'],
      environment: (factory) => variablesOf(stage.settings, factory),
    });
    this.#grant(stage);
    new ChangeMachine(this, 'Changes', { stage: stage.settings.stage, lifecycle: this.scheduled });
  }

  #grant({ registry, instances, telemetry, audit, settings }: StageProps): void {
    const { scheduled, factory } = this;
    if (settings.ecs) grantTasks(scheduled, settings.ecs);
    if (settings.drivenFunctions.length > 0) grantFunctions(scheduled, settings.drivenFunctions);
    if (settings.webhooks) scheduled.may(['secretsmanager:GetSecretValue'], [settings.webhooks.secretArn]);
    scheduled.mayUse(registry, ['GetItem']);
    factory.mayTell(scheduled);
    factory.mayChangeInstances(scheduled);
    scheduled.mayUse(instances, ['BatchGetItem', 'DeleteItem', 'Query']);
    scheduled.mayQueryIndexes(instances, ['gsi1']);
    scheduled.mayUse(telemetry, ['PutItem', 'Query']);
    scheduled.mayUse(audit, ['PutItem']);
  }
}

const variablesOf = (settings: Settings, factory: FunctionFactory): Record<string, string> => ({
  RETENTION_DAYS: String(settings.retentionDays),
  METRICS_RETENTION_DAYS: String(settings.metricsRetentionDays),
  AUDIT_RETENTION_DAYS: String(settings.auditRetentionDays),
  CHANGE_MACHINE_ARN: factory.changeMachine,
  ...factory.listeners,
  ...factory.metrics,
  ...(settings.ecs && ecsVariables(settings.ecs)),
  ...(settings.webhooks && webhookVariables(settings.webhooks)),
});

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
