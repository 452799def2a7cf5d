/** Metrics that the alarms and the dashboard look at. */
import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import {
  metricNamespace,
  metricServiceOf,
  type StageMetric,
} from '../../src/monitor/metrics/model/stage-metrics.ts';

export const period = Duration.minutes(5);

/** One that the functions of the stage write. */
export const stageMetric = (stage: string, metricName: StageMetric, statistic = 'Sum'): Metric =>
  new Metric({
    namespace: metricNamespace,
    metricName,
    dimensionsMap: { service: metricServiceOf(stage) },
    statistic,
    period,
  });

/** Of all state machines of the account and region (AWS: Step Functions, service integration metrics). */
export const transitionsMetric = (metricName: 'ThrottledEvents' | 'ConsumedCapacity'): Metric =>
  new Metric({
    namespace: 'AWS/States',
    metricName,
    dimensionsMap: { ServiceMetric: 'StateTransition' },
    statistic: 'Sum',
    period,
  });

/** A section of the runbook, by its anchor. */
export const runbookSection = (anchor: RunbookSection): string => `docs/runbook.md#${anchor}`;

export type RunbookSection =
  | 'executions-fail'
  | 'ends-of-executions-are-lost'
  | 'lambda-refuses-calls'
  | 'dynamodb-refuses-calls'
  | 'step-functions-slows-executions-down'
  | 'a-function-fails'
  | 'the-api-answers-5xx'
  | 'the-api-is-slow'
  | 'something-runs-late'
  | 'nothing-runs-by-its-schedule'
  | 'the-sweeper-repairs-again-and-again'
  | 'events-are-not-delivered';
