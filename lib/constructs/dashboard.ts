/**
 * One page of how a stage is, in CloudWatch. It has at most 50 metrics: with more it is none of the three that an account has
 * for nothing (AWS: CloudWatch pricing).
 */
import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  Metric,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { StageMetric } from '../../src/monitor/metrics/model/stage-metrics.ts';
import type { Alarms, AlarmsProps } from './alarms.ts';
import type { RecordTable } from './record-table.ts';
import type { ServiceFunction } from './service-function.ts';
import { period, stageMetric, transitionsMetric } from './stage-metric.ts';

export interface StageDashboardProps extends AlarmsProps {
  readonly alarms: Alarms;
  readonly recordExecution: ServiceFunction;
  readonly telemetry: RecordTable;
}

const widgetsInARow = 3;
const width = 24 / widgetsInARow;
const statistic = 'Sum';

export class StageDashboard extends Construct {
  constructor(scope: Construct, id: string, props: StageDashboardProps) {
    super(scope, id);
    const dashboard = new Dashboard(this, 'Dashboard', {
      dashboardName: `orchestrator-${props.settings.stage}`,
    });
    dashboard.addWidgets(
      new AlarmStatusWidget({ title: 'Alarms', alarms: props.alarms.all, width: 24, height: 4 }),
    );
    const parts: [string, GraphWidget[]][] = [
      ['Workflows and services', ofUse(props)],
      ['Health, lags and what was lost', ofHealth(props)],
      ['What is refused', ofThrottling(props)],
      ['What costs', ofCost(props)],
    ];
    for (const [title, widgets] of parts) {
      dashboard.addWidgets(new TextWidget({ markdown: `## ${title}`, width: 24, height: 1 }));
      for (let at = 0; at < widgets.length; at += widgetsInARow)
        dashboard.addWidgets(...widgets.slice(at, at + widgetsInARow));
    }
  }
}

const graph = (title: string, left: IMetric[]): GraphWidget => new GraphWidget({ title, left, width });

const labelled = (metric: Metric, label: string): Metric => metric.with({ label });

function ofUse({ settings: { stage } }: StageDashboardProps): GraphWidget[] {
  const counts = (name: StageMetric, all: string) => [
    labelled(stageMetric(stage, name, 'SampleCount'), all),
    labelled(stageMetric(stage, name), 'failed'),
  ];
  const times = (name: StageMetric) =>
    ['p50', 'p99'].map((percentile) => labelled(stageMetric(stage, name, percentile), percentile));
  return [
    graph('Executions', counts('ExecutionErrors', 'ended')),
    graph('Share of executions that failed', [stageMetric(stage, 'ExecutionErrors', 'Average')]),
    graph('Time of executions (ms)', times('ExecutionTime')),
    graph('Calls of services', [
      ...counts('CallErrors', 'calls'),
      labelled(stageMetric(stage, 'CallRetries'), 'repeated'),
    ]),
    graph('Time of calls (ms)', times('CallTime')),
  ];
}

const ofHealth = ({ settings: { stage }, lostEvents, rest }: StageDashboardProps): GraphWidget[] => [
  graph('Changes of the health of instances', [stageMetric(stage, 'HealthChanges')]),
  graph('Runs that are late (s)', [stageMetric(stage, 'LateRuns', 'Maximum')]),
  graph('Lost, and made good', [
    labelled(stageMetric(stage, 'SweepRepairs'), 'repairs of the sweeper'),
    labelled(stageMetric(stage, 'UndeliveredEvents'), 'events given up'),
    lostEvents.metricApproximateNumberOfMessagesVisible({
      statistic: 'Maximum',
      period,
      label: 'ends not recorded',
    }),
  ]),
  graph('Requests of the API', [
    rest.metricCount({ statistic, period, label: 'requests' }),
    rest.metricClientError({ statistic, period, label: '4xx' }),
    rest.metricServerError({ statistic, period, label: '5xx' }),
  ]),
  graph('Time of answers of the API (ms)', [rest.metricLatency({ statistic: 'p99', period, label: 'p99' })]),
];

const functionsOf = ({ runStep, recordExecution, api, lifecycle }: StageDashboardProps) =>
  [runStep, recordExecution, api, lifecycle] as const;

function ofThrottling(props: StageDashboardProps): GraphWidget[] {
  const [runStep, recordExecution, api] = functionsOf(props);
  return [
    graph(
      'Calls that Lambda refuses',
      [runStep, recordExecution, api].map((one) =>
        one.function.metricThrottles({ statistic, period, label: one.node.id }),
      ),
    ),
    graph('Calls that DynamoDB refuses', ofTables(props.tables, 'ThrottleEvents')),
    graph('Transitions that Step Functions refuses', [transitionsMetric('ThrottledEvents')]),
  ];
}

const ofTables = (tables: readonly RecordTable[], name: string): IMetric[] =>
  tables.flatMap(({ table, node }) =>
    ['Read', 'Write'].map((kind) =>
      table.metric(`${name === 'ThrottleEvents' ? kind + name : `Consumed${kind}${name}`}`, {
        statistic,
        period,
        label: `${node.id} ${kind.toLowerCase()}`,
      }),
    ),
  );

function ofCost(props: StageDashboardProps): GraphWidget[] {
  const functions = functionsOf(props);
  return [
    graph(
      'Calls of functions',
      functions.map((one) => one.function.metricInvocations({ statistic, period, label: one.node.id })),
    ),
    graph(
      'Time of functions (ms)',
      functions.map((one) => one.function.metricDuration({ statistic, period, label: one.node.id })),
    ),
    graph('Units of DynamoDB', ofTables([...props.tables, props.telemetry], 'CapacityUnits')),
    graph('State transitions of the account', [transitionsMetric('ConsumedCapacity')]),
    graph(
      'Bytes of logs',
      functions.map(({ logGroup, node }) => bytesOf(logGroup.logGroupName, node.id)),
    ),
  ];
}

const bytesOf = (logGroupName: string, label: string): Metric =>
  new Metric({
    namespace: 'AWS/Logs',
    metricName: 'IncomingBytes',
    dimensionsMap: { LogGroupName: logGroupName },
    statistic,
    period,
    label,
  });
