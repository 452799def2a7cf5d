/** Reads the tools of services again, every quarter of an hour; those that could never be read first. */
import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { FunctionFactory, type StageProps } from './function-factory.ts';
import type { ServiceFunction } from './service-function.ts';

export class ServiceRefresh extends Construct {
  readonly refreshServices: ServiceFunction;

  constructor(scope: Construct, id: string, props: StageProps) {
    super(scope, id);
    this.refreshServices = this.#createFunction(props);
    new Rule(this, 'Schedule', {
      description: 'Reads the tools of services again',
      schedule: Schedule.rate(Duration.minutes(15)),
      targets: [new LambdaFunction(this.refreshServices.function, { retryAttempts: 0 })],
    });
  }

  #createFunction(props: StageProps): ServiceFunction {
    const { registry, instances } = props;
    const created = new FunctionFactory(this, props).create('refresh-services', {
      timeoutSeconds: 90,
      memoryMb: 512,
      calls: true,
      environment: {
        REGISTRY_TABLE: registry.table.tableName,
        INSTANCES_TABLE: instances.table.tableName,
      },
    });
    created.mayUse(registry, ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem']);
    created.mayQueryIndexes(registry, ['gsi1']);
    created.mayUse(instances, ['Query']);
    return created;
  }
}
