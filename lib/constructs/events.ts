/**
 * What brings events to those who subscribe to them: one function, called when an event has been kept (by the stream of the
 * table, which calls it for nothing else) and every minute for those that are to be sent again; and a bus, where the stage asks
 * for one.
 */
import { Duration } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { EventSourceMapping, FilterCriteria, FilterRule, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { acceptFindings } from '../accepted-findings.ts';
import { eventBusNameOf } from '../names.ts';
import type { StageProps } from './function-factory.ts';
import { ScheduledFunction } from './scheduled-function.ts';

export class Events extends ScheduledFunction {
  constructor(scope: Construct, id: string, stage: StageProps) {
    super(scope, id, {
      stage,
      name: 'deliver-events',
      every: Duration.minutes(1),
      says: 'Sends events again that were not taken, and finds those that nobody was told of',
      timeoutSeconds: 60,
      memoryMb: 256,
      tables: ['registry', 'executions', 'telemetry'],
      credentials: false,
      environment: ({ listeners, metrics }) => ({
        ...listeners,
        ...metrics,
        ...(stage.settings.webhooks && { SERVICE_WEBHOOK_SECRET_ID: stage.settings.webhooks.secretArn }),
      }),
    });
    this.#grant(stage);
    this.#callWhenKept(stage);
    if (stage.settings.eventBus) this.#createBus(stage);
  }

  #grant({ registry, executions, telemetry, settings }: StageProps): void {
    const { scheduled } = this;
    if (settings.webhooks?.monitoringUrl !== undefined)
      scheduled.may(['secretsmanager:GetSecretValue'], [settings.webhooks.secretArn]);
    scheduled.mayUse(registry, ['GetItem', 'UpdateItem', 'Query'], { secrets: true });
    scheduled.mayUse(telemetry, ['PutItem', 'UpdateItem', 'DeleteItem', 'Query']);
    scheduled.mayUse(executions, ['GetItem', 'UpdateItem']);
    scheduled.mayQueryIndexes(executions, ['gsi1']);
  }

  /** Those of one listener in their order, those of others beside them: a target that is slow holds nobody else up. */
  #callWhenKept({ telemetry }: StageProps): void {
    const { function: target } = this.scheduled;
    const stream = telemetry.streamArn;
    this.scheduled.may(
      ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
      [stream],
    );
    this.scheduled.may(['dynamodb:ListStreams'], ['*']);
    acceptFindings(this.scheduled, {
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
    }).node.addDependency(this.scheduled);
  }

  #createBus({ settings }: StageProps): void {
    const bus = new EventBus(this, 'Bus', {
      eventBusName: eventBusNameOf(settings.stage),
      description: `Events of the Orchestrator Service, stage ${settings.stage}`,
    });
    this.scheduled.may(['events:PutEvents'], [bus.eventBusArn]);
  }
}
