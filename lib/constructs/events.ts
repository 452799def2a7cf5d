/**
 * What brings events to those who subscribe to them: one function, called when an event has been kept (by the stream of the
 * table, which calls it for nothing else) and every minute for those that are to be sent again; and a bus, where the stage asks
 * for one.
 */
import { Duration } from 'aws-cdk-lib';
import { EventBus, Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { EventSourceMapping, FilterCriteria, FilterRule, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { acceptFindings } from '../accepted-findings.ts';
import { eventBusNameOf } from '../names.ts';
import { FunctionFactory, type StageProps } from './function-factory.ts';
import type { ServiceFunction } from './service-function.ts';

export class Events extends Construct {
  readonly deliverEvents: ServiceFunction;

  constructor(scope: Construct, id: string, props: StageProps) {
    super(scope, id);
    this.deliverEvents = this.#createFunction(props);
    this.#callWhenKept(props);
    new Rule(this, 'Schedule', {
      description: 'Sends events again that were not taken, and finds those that nobody was told of',
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new LambdaFunction(this.deliverEvents.function, { retryAttempts: 0 })],
    });
    if (props.settings.eventBus) this.#createBus(props);
  }

  #createFunction(props: StageProps): ServiceFunction {
    const { registry, executions, telemetry, settings } = props;
    const factory = new FunctionFactory(this, props);
    const created = factory.create('deliver-events', {
      timeoutSeconds: 60,
      memoryMb: 256,
      calls: true,
      environment: {
        REGISTRY_TABLE: registry.table.tableName,
        EXECUTIONS_TABLE: executions.table.tableName,
        TELEMETRY_TABLE: telemetry.table.tableName,
        ...factory.listeners,
        ...factory.metrics,
        ...(settings.webhooks && { SERVICE_WEBHOOK_SECRET_ID: settings.webhooks.secretArn }),
      },
    });
    if (settings.webhooks?.monitoringUrl !== undefined)
      created.may(['secretsmanager:GetSecretValue'], [settings.webhooks.secretArn]);
    created.mayUse(registry, ['GetItem', 'UpdateItem', 'Query'], { secrets: true });
    created.mayUse(telemetry, ['PutItem', 'UpdateItem', 'DeleteItem', 'Query']);
    created.mayUse(executions, ['GetItem', 'UpdateItem']);
    created.mayQueryIndexes(executions, ['gsi1']);
    return created;
  }

  /** Those of one listener in their order, those of others beside them: a target that is slow holds nobody else up. */
  #callWhenKept({ telemetry }: StageProps): void {
    const { function: target } = this.deliverEvents;
    const stream = telemetry.streamArn;
    this.deliverEvents.may(
      ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
      [stream],
    );
    this.deliverEvents.may(['dynamodb:ListStreams'], ['*']);
    acceptFindings(this.deliverEvents, {
      'IAM5[Resource::*]': 'ListStreams, which Lambda makes to read a stream, knows no narrower resource',
    });
    new EventSourceMapping(this, 'Kept', {
      target,
      eventSourceArn: stream,
      startingPosition: StartingPosition.LATEST,
      batchSize: 100,
      parallelizationFactor: 10,
      // The schedule does what one call has not done.
      retryAttempts: 0,
      filters: [
        FilterCriteria.filter({
          eventName: FilterRule.isEqual('INSERT'),
          dynamodb: { Keys: { pk: { S: FilterRule.beginsWith('EVENTS#') } } },
        }),
      ],
    }).node.addDependency(this.deliverEvents);
  }

  #createBus({ settings }: StageProps): void {
    const bus = new EventBus(this, 'Bus', {
      eventBusName: eventBusNameOf(settings.stage),
      description: `Events of the Orchestrator Service, stage ${settings.stage}`,
    });
    this.deliverEvents.may(['events:PutEvents'], [bus.eventBusArn]);
  }
}
