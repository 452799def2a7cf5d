/**
 * The alarms. Most watch what AWS counts by itself, so that only the alarm costs something; four watch metrics of the stage,
 * which are not written while nothing happens. Each names the section of the runbook that says what to do.
 */
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import {
  Alarm,
  type AlarmProps,
  ComparisonOperator,
  type IMetric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Settings } from '../settings.ts';
import type { RecordTable } from './record-table.ts';
import type { ServiceFunction } from './service-function.ts';
import {
  period,
  type RunbookSection,
  runbookSection,
  stageMetric,
  transitionsMetric,
} from './stage-metric.ts';

export interface AlarmsProps {
  readonly settings: Settings;
  readonly topic: ITopic;
  readonly lostEvents: IQueue;
  readonly rest: RestApi;
  /** What callers and executions wait for. A refused call of another function comes again by itself. */
  readonly runStep: ServiceFunction;
  readonly api: ServiceFunction;
  /** Runs every minute, and tells when others do not. */
  readonly lifecycle: ServiceFunction;
  /** Those whose failure nobody is told of otherwise: what the others leave undone is late, or in the queue. */
  readonly unattended: readonly ServiceFunction[];
  /** Called without waiting, and not again: also what Lambda refused until it was too old is a failure. */
  readonly checkHealth: ServiceFunction;
  readonly tables: readonly RecordTable[];
}

type Raised = Partial<
  Pick<
    AlarmProps,
    'threshold' | 'evaluationPeriods' | 'datapointsToAlarm' | 'comparisonOperator' | 'treatMissingData'
  >
>;

interface Watched extends Raised {
  readonly metric: IMetric;
  readonly section: RunbookSection;
  /** In one sentence. */
  readonly says: string;
}

const statistic = 'Sum';

export class Alarms extends Construct {
  readonly all: Alarm[] = [];
  readonly #action: SnsAction;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    this.#action = new SnsAction(props.topic);
    this.#executions(props);
    this.#throttling(props);
    this.#failures(props);
    this.#api(props);
    this.#lags(props);
  }

  #executions({ settings, lostEvents }: AlarmsProps): void {
    const { stage, alarms } = settings;
    this.#add('FailedRate', {
      metric: stageMetric(stage, 'ExecutionErrors', 'Average'),
      threshold: alarms.failedRate,
      section: 'executions-fail',
      says: 'Of the executions that ended too many failed or timed out',
    });
    this.#add('LostEvents', {
      metric: lostEvents.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum', period }),
      section: 'ends-of-executions-are-lost',
      says: 'Ends of executions could not be recorded and are in the queue',
    });
    this.#add('SweepRepairs', {
      metric: stageMetric(stage, 'SweepRepairs'),
      // A lost event is made good and needs nobody; one after the other does.
      evaluationPeriods: 4,
      datapointsToAlarm: 3,
      section: 'the-sweeper-repairs-again-and-again',
      says: 'One sweep after the other finds executions whose start or end was lost',
    });
    this.#add('UndeliveredEvents', {
      metric: stageMetric(stage, 'UndeliveredEvents'),
      section: 'events-are-not-delivered',
      says: 'Events were given up: who wants to know of them did not take them',
    });
  }

  #throttling({ runStep, api, tables }: AlarmsProps): void {
    for (const one of [runStep, api])
      this.#add(`${one.node.id}Throttled`, {
        metric: one.function.metricThrottles({ statistic, period }),
        section: 'lambda-refuses-calls',
        says: `Lambda refuses calls of ${one.node.id}`,
      });
    for (const { table, node } of tables)
      for (const kind of ['Read', 'Write'])
        this.#add(`${node.id}${kind}Throttled`, {
          metric: table.metric(`${kind}ThrottleEvents`, { statistic, period }),
          section: 'dynamodb-refuses-calls',
          says: `DynamoDB refuses to ${kind.toLowerCase()} the table ${node.id.toLowerCase()}`,
        });
    this.#add('TransitionsThrottled', {
      metric: transitionsMetric('ThrottledEvents'),
      section: 'step-functions-slows-executions-down',
      says: 'Step Functions refuses transitions of this account',
    });
  }

  #failures({ unattended, checkHealth }: AlarmsProps): void {
    for (const one of unattended) this.#failed(one, one.function.metricErrors({ statistic, period }));
    this.#failed(checkHealth, checkHealth.function.metric('AsyncEventsDropped', { statistic, period }));
  }

  #failed({ node }: ServiceFunction, metric: IMetric): void {
    this.#add(`${node.id}Failed`, {
      metric,
      section: 'a-function-fails',
      says: `The function ${node.id} failed`,
    });
  }

  #api({ rest, settings }: AlarmsProps): void {
    this.#add('ApiFailed', {
      metric: rest.metricServerError({ statistic, period }),
      section: 'the-api-answers-5xx',
      says: 'The API answered 5xx',
    });
    this.#add('ApiSlow', {
      metric: rest.metricLatency({ statistic: 'p99', period }),
      threshold: settings.alarms.apiP99Ms,
      evaluationPeriods: 3,
      section: 'the-api-is-slow',
      says: `One of a hundred answers of the API takes longer than ${settings.alarms.apiP99Ms} ms`,
    });
  }

  #lags({ settings, lifecycle }: AlarmsProps): void {
    this.#add('RunsLate', {
      metric: stageMetric(settings.stage, 'LateRuns', 'Maximum'),
      section: 'something-runs-late',
      says: 'sweep, lifecycle, check-health or deliver-events has not run to its end for long',
    });
    this.#add('NothingRuns', {
      metric: lifecycle.function.metricInvocations({ statistic, period }),
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: 2,
      treatMissingData: TreatMissingData.BREACHING,
      section: 'nothing-runs-by-its-schedule',
      says: 'lifecycle, which is called every minute, was not called for ten minutes',
    });
  }

  /** Raised by the first of it in five minutes when nothing else is said; nothing at all is fine. */
  #add(id: string, { section, says, ...raised }: Watched): void {
    const alarm = new Alarm(this, id, {
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      ...raised,
      alarmDescription: `${says}. What to do: ${runbookSection(section)}`,
    });
    alarm.addAlarmAction(this.#action);
    this.all.push(alarm);
  }
}
