/** Asks the instances that nobody here starts how they are, every minute. */
import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { acceptFindings } from '../accepted-findings.ts';
import type { StageProps } from './function-factory.ts';
import { ScheduledFunction } from './scheduled-function.ts';
import type { ServiceFunction } from './service-function.ts';

export class HealthChecks extends ScheduledFunction {
  constructor(scope: Construct, id: string, stage: StageProps) {
    super(scope, id, {
      stage,
      name: 'check-health',
      every: Duration.minutes(1),
      says: 'Asks instances how they are',
      timeoutSeconds: 90,
      memoryMb: 512,
      tables: ['registry', 'instances', 'telemetry'],
      environment: ({ listeners, metrics }) => ({
        RETENTION_DAYS: String(stage.settings.retentionDays),
        ...listeners,
        ...metrics,
      }),
    });
    const { registry, instances, telemetry } = stage;
    this.scheduled.mayUse(registry, ['GetItem']);
    this.scheduled.mayQueryIndexes(registry, ['gsi1']);
    this.scheduled.mayUse(instances, ['Query', 'PutItem', 'DeleteItem']);
    this.#mayInvokeItself();
    this.scheduled.mayUse(telemetry, ['PutItem']);
    this.factory.mayTell(this.scheduled);
    // A part that was not checked is checked again with the next sweep.
    this.scheduled.function.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) });
  }

  /** One that calls services: what does not take its connections is looked at before the next sweep. */
  mayHasten(caller: ServiceFunction): void {
    caller.function.addEnvironment('CHECK_HEALTH_FUNCTION', this.scheduled.function.functionName);
    caller.may(['lambda:InvokeFunction'], [this.scheduled.arn]);
  }

  /** By the beginning of its name, which CloudFormation makes of its stack: its role cannot name a function that needs the role. */
  #mayInvokeItself(): void {
    const { stackName } = Stack.of(this);
    const resourceName = `${stackName}-Health*`;
    const arnFormat = ArnFormat.COLON_RESOURCE_NAME;
    this.scheduled.may(
      ['lambda:InvokeFunction'],
      [Stack.of(this).formatArn({ service: 'lambda', resource: 'function', resourceName, arnFormat })],
    );
    acceptFindings(this.scheduled, {
      [`IAM5[Resource::arn:<AWS::Partition>:lambda:<AWS::Region>:<AWS::AccountId>:function:${resourceName}]`]:
        'Only the function of the health checks has a name that begins so',
    });
  }
}
