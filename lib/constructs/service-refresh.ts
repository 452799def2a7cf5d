/** Reads the tools of services again, every quarter of an hour; those that could never be read first. */
import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { StageProps } from './function-factory.ts';
import { ScheduledFunction } from './scheduled-function.ts';

export class ServiceRefresh extends ScheduledFunction {
  constructor(scope: Construct, id: string, stage: StageProps) {
    super(scope, id, {
      stage,
      name: 'refresh-services',
      every: Duration.minutes(15),
      says: 'Reads the tools of services again',
      timeoutSeconds: 90,
      memoryMb: 512,
      tables: ['registry', 'instances'],
    });
    const { registry, instances } = stage;
    this.scheduled.mayUse(registry, ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem']);
    this.scheduled.mayQueryIndexes(registry, ['gsi1']);
    this.scheduled.mayUse(instances, ['Query']);
  }
}
