/** The alarms, each on a metric that AWS counts by itself, so that only the alarm costs something. */
import { Duration } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Rule } from 'aws-cdk-lib/aws-events';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { RecordTable } from './record-table.ts';
import type { ServiceFunction } from './service-function.ts';

export interface AlarmsProps {
  readonly topic: ITopic;
  /** Matches each execution that failed or timed out. */
  readonly failures: Rule;
  readonly lostEvents: IQueue;
  readonly rest: RestApi;
  /** Those that load may throttle. */
  readonly throttled: readonly ServiceFunction[];
  /** Those whose failure nobody is told of otherwise. */
  readonly unattended: readonly ServiceFunction[];
  readonly tables: readonly RecordTable[];
}

const period = Duration.minutes(5);
const statistic = 'Sum';

export class Alarms extends Construct {
  readonly #action: SnsAction;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    this.#action = new SnsAction(props.topic);
    this.#executions(props);
    this.#throttling(props);
    this.#failures(props);
  }

  #executions({ failures, lostEvents }: AlarmsProps): void {
    const failed = new Metric({
      namespace: 'AWS/Events',
      metricName: 'TriggeredRules',
      dimensionsMap: { RuleName: failures.ruleName },
      statistic,
      period,
    });
    this.#add(
      'FailedExecutions',
      failed,
      'Executions failed or timed out: list_workflows with status FAILED shows them',
    );
    const waiting = lostEvents.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum', period });
    this.#add(
      'LostEvents',
      waiting,
      'Ends of executions could not be recorded; the sweeper finds them, look why',
    );
  }

  #throttling({ throttled, tables }: AlarmsProps): void {
    for (const one of throttled) {
      const metric = one.function.metricThrottles({ statistic, period });
      this.#add(
        `${one.node.id}Throttled`,
        metric,
        'Lambda refuses calls: raise the concurrency of the account',
      );
    }
    for (const { table, node } of tables) {
      for (const kind of ['Read', 'Write']) {
        const metric = table.metric(`${kind}ThrottleEvents`, { statistic, period });
        this.#add(`${node.id}${kind}Throttled`, metric, 'DynamoDB refuses calls: look for a hot key');
      }
    }
    const transitions = new Metric({
      namespace: 'AWS/States',
      metricName: 'ThrottledEvents',
      dimensionsMap: { ServiceMetric: 'StateTransition' },
      statistic,
      period,
    });
    this.#add(
      'TransitionsThrottled',
      transitions,
      'Step Functions slows executions down: ask for a higher quota',
    );
  }

  #failures({ unattended, rest }: AlarmsProps): void {
    for (const one of unattended) {
      const metric = one.function.metricErrors({ statistic, period });
      this.#add(`${one.node.id}Failed`, metric, `${one.node.id} failed: its log says why`);
    }
    this.#add(
      'ApiFailed',
      rest.metricServerError({ statistic, period }),
      'The API answers 5xx: the log of api says why',
    );
  }

  /** Raised by the first of it in five minutes; nothing at all is fine. */
  #add(id: string, metric: IMetric, alarmDescription: string): void {
    const alarm = new Alarm(this, id, {
      metric,
      alarmDescription,
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(this.#action);
  }
}
