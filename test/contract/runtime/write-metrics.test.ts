/** What CloudWatch reads out of the log (AWS: embedded metric format), and how many series that makes. */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  type MetricSubject,
  type MetricsDetail,
  type StageMetric,
  stageMetrics,
} from '../../../src/monitor/metrics/model/stage-metrics.ts';
import { stageMetricsOf } from '../../../src/runtime/contexts/stage-metrics.ts';
import { writeMetrics } from '../../../src/runtime/write-metrics.ts';
import { seriesIn } from '../../infra/costs/metric-series.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const isMetric = (name: string): name is StageMetric => Object.hasOwn(stageMetrics, name);
const metricNames = Object.keys(stageMetrics).filter(isMetric);

function stage(CLOUDWATCH_METRICS: MetricsDetail | undefined) {
  const lines: string[] = [];
  const config = { STAGE: 'prod', LOG_OUTPUT: 'console', LOG_SINK: (line: string) => lines.push(line) };
  const metrics = stageMetricsOf({ ...config, CLOUDWATCH_METRICS }, silent);
  return { config, lines, metrics };
}

const Emf = z.looseObject({
  _aws: z.looseObject({
    Timestamp: z.number(),
    CloudWatchMetrics: z.array(z.looseObject({})),
  }),
});

describe('the metrics of a stage', () => {
  it('are lines in the embedded metric format, with all values of a metric in one', async () => {
    const { lines, metrics } = stage('stage');
    metrics?.add('CallErrors', 0);
    metrics?.add('CallErrors', 1);
    metrics?.add('CallTime', 12.5);
    await metrics?.publish();
    const [line = '', ...more] = lines;
    expect(more).toEqual([]);
    const { _aws, ...values } = Emf.parse(JSON.parse(line));
    expect(values).toEqual({ service: 'orchestrator-prod', CallErrors: [0, 1], CallTime: 12.5 });
    expect(_aws.CloudWatchMetrics).toEqual([
      {
        Namespace: 'Orchestrator',
        Dimensions: [['service']],
        Metrics: [
          { Name: 'CallErrors', Unit: 'Count' },
          { Name: 'CallTime', Unit: 'Milliseconds' },
        ],
      },
    ]);
    expect(Math.abs(_aws.Timestamp - Date.now())).toBeLessThan(60_000);
  });

  it('are ten series at most, whatever services and workflows there are', async () => {
    const { lines, metrics } = stage('stage');
    for (const name of metricNames)
      for (const kind of ['target', 'workflow'] as const)
        for (let one = 0; one < 20; one++) metrics?.add(name, one, { of: kind, name: `name-${one}` });
    await metrics?.publish();
    expect(seriesIn(lines)).toHaveLength(metricNames.length);
    expect(seriesIn(lines).length).toBeLessThanOrEqual(10);
  });

  it('are series of each service and workflow besides, where the stage asks for that', async () => {
    const { lines, metrics } = stage('services');
    const gmail: MetricSubject = { of: 'target', name: 'gmail' };
    metrics?.add('CallErrors', 1, gmail);
    metrics?.add('ExecutionErrors', 0, { of: 'workflow', name: 'process-email' });
    await metrics?.publish();
    expect(seriesIn(lines)).toEqual([
      'Orchestrator CallErrors service=orchestrator-prod',
      'Orchestrator CallErrors service=orchestrator-prod target=gmail',
      'Orchestrator ExecutionErrors service=orchestrator-prod',
      'Orchestrator ExecutionErrors service=orchestrator-prod workflow=process-email',
    ]);
  });

  it('lose no value where a line is full, which is at a hundred', () => {
    const { config, lines } = stage('stage');
    const times = Array.from({ length: 250 }, (_, call) => call);
    writeMetrics(config, [{ subject: undefined, values: new Map([['CallTime', times]]) }]);
    const written = lines.flatMap(
      (line) => z.looseObject({ CallTime: z.array(z.number()) }).parse(JSON.parse(line)).CallTime,
    );
    expect(written).toEqual(times);
    expect(lines).toHaveLength(3);
  });

  it('are none where the function is not told to, as in local mode', () => {
    expect(stage(undefined).metrics).toBeUndefined();
  });
});
