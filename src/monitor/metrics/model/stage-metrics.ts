/**
 * The metrics that a stage has in CloudWatch. Each is a series that costs $0.30 in a month in which it is written, so there
 * are ten at most, and by default none by workflow or service: `get_service_metrics` and `get_workflow_metrics` tell those.
 * None is written while nothing happens. A number of errors is written as 1 for each that failed and 0 for each other, so that
 * one series has how many there were (SampleCount), how many failed (Sum) and which share did (Average).
 */
export const metricNamespace = 'Orchestrator';

export const stageMetrics = {
  /** Of each execution that ended: whether it failed or timed out. */
  ExecutionErrors: 'Count',
  /** From its start, or its retry, to its end. */
  ExecutionTime: 'Milliseconds',
  /** Of each call of a service: whether it failed; one that was cut short because its execution ended did not. */
  CallErrors: 'Count',
  CallTime: 'Milliseconds',
  /** Calls that repeat one that failed. */
  CallRetries: 'Count',
  /** Of instances. */
  HealthChanges: 'Count',
  /** By how much the latest of what runs by a schedule is late; only while something is. */
  LateRuns: 'Seconds',
  /** Executions whose lost start, retry or end the sweeper made good. */
  SweepRepairs: 'Count',
  /** Events that were given up. */
  UndeliveredEvents: 'Count',
} as const satisfies Record<string, 'Count' | 'Milliseconds' | 'Seconds'>;

export type StageMetric = keyof typeof stageMetrics;

/** `stage`: one series for each metric. `services`: those below by workflow and service, besides. */
export type MetricsDetail = 'stage' | 'services';

/** What a metric is about, and the name of the dimension. */
export interface MetricSubject {
  readonly of: 'workflow' | 'target';
  readonly name: string;
}

/** Value of the dimension `service`, which every series has: the whole stage. */
export const metricServiceOf = (stage: string): string => `orchestrator-${stage}`;
