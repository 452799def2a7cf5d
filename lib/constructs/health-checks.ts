/** Asks the instances that nobody here starts how they are, every minute. */
import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { acceptFindings } from '../accepted-findings.ts';
import { FunctionFactory, type StageProps } from './function-factory.ts';
import type { ServiceFunction } from './service-function.ts';

export class HealthChecks extends Construct {
  readonly checkHealth: ServiceFunction;

  constructor(scope: Construct, id: string, props: StageProps) {
    super(scope, id);
    this.checkHealth = this.#createFunction(props);
    new Rule(this, 'Schedule', {
      description: 'Asks instances how they are',
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new LambdaFunction(this.checkHealth.function, { retryAttempts: 0 })],
    });
    // A part that was not checked is checked again with the next sweep.
    this.checkHealth.function.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) });
  }

  /** One that calls services: what does not take its connections is looked at before the next sweep. */
  mayHasten(caller: ServiceFunction): void {
    caller.function.addEnvironment('CHECK_HEALTH_FUNCTION', this.checkHealth.function.functionName);
    caller.may(['lambda:InvokeFunction'], [this.checkHealth.arn]);
  }

  #createFunction(props: StageProps): ServiceFunction {
    const { registry, instances, telemetry, settings } = props;
    const factory = new FunctionFactory(this, props);
    const created = factory.create('check-health', {
      timeoutSeconds: 90,
      memoryMb: 512,
      calls: true,
      environment: {
        REGISTRY_TABLE: registry.table.tableName,
        INSTANCES_TABLE: instances.table.tableName,
        TELEMETRY_TABLE: telemetry.table.tableName,
        RETENTION_DAYS: String(settings.retentionDays),
        ...factory.listeners,
        ...factory.metrics,
      },
    });
    created.mayUse(registry, ['GetItem']);
    created.mayQueryIndexes(registry, ['gsi1']);
    created.mayUse(instances, ['Query', 'PutItem', 'DeleteItem']);
    this.#mayInvokeItself(created);
    created.mayUse(telemetry, ['PutItem']);
    factory.mayTell(created);
    return created;
  }

  /** By the beginning of its name, which CloudFormation makes of its stack: its role cannot name a function that needs the role. */
  #mayInvokeItself(created: ServiceFunction): void {
    const { stackName } = Stack.of(this);
    const resourceName = `${stackName}-Health*`;
    const arnFormat = ArnFormat.COLON_RESOURCE_NAME;
    created.may(
      ['lambda:InvokeFunction'],
      [Stack.of(this).formatArn({ service: 'lambda', resource: 'function', resourceName, arnFormat })],
    );
    acceptFindings(created, {
      [`IAM5[Resource::arn:<AWS::Partition>:lambda:<AWS::Region>:<AWS::AccountId>:function:${resourceName}]`]:
        'Only the function of the health checks has a name that begins so',
    });
  }
}
