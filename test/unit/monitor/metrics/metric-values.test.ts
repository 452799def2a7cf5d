/** What is measured is written once, of the whole stage, and by workflow and service only where that is asked for. */
import { describe, expect, it } from 'vitest';
import { createMetricValues, type MetricBatch } from '../../../../src/monitor/metrics/metric-values.ts';
import type { MetricsDetail } from '../../../../src/monitor/metrics/model/stage-metrics.ts';

function measuring(detail: MetricsDetail, write?: () => Promise<void>) {
  const written: object[] = [];
  const warnings: unknown[] = [];
  const shown = ({ subject, values }: MetricBatch) => ({ subject, ...Object.fromEntries(values) });
  const metrics = createMetricValues({
    detail,
    async write(batches) {
      await write?.();
      written.push(batches.map(shown));
    },
    log: { warn: (message, fields) => warnings.push([message, fields]) },
  });
  return { metrics, written, warnings };
}

const gmail = { of: 'target', name: 'gmail' } as const;
const graph = { of: 'target', name: 'graph' } as const;

describe('measured values', () => {
  it('are of the whole stage, whatever they are about', async () => {
    const { metrics, written } = measuring('stage');
    metrics.add('CallErrors', 0, gmail);
    metrics.add('CallErrors', 1, graph);
    metrics.add('CallTime', 12, graph);
    await metrics.publish();
    expect(written).toEqual([[{ subject: undefined, CallErrors: [0, 1], CallTime: [12] }]]);
  });

  it('are by service besides where that is asked for', async () => {
    const { metrics, written } = measuring('services');
    metrics.add('CallErrors', 0, gmail);
    metrics.add('CallErrors', 1, graph);
    metrics.add('HealthChanges', 1);
    await metrics.publish();
    expect(written).toEqual([
      [
        { subject: undefined, CallErrors: [0, 1], HealthChanges: [1] },
        { subject: gmail, CallErrors: [0] },
        { subject: graph, CallErrors: [1] },
      ],
    ]);
  });

  it('are written once, and nothing where nothing was measured', async () => {
    const { metrics, written } = measuring('stage');
    await metrics.publish();
    metrics.add('HealthChanges', 1);
    await metrics.publish();
    await metrics.publish();
    expect(written).toHaveLength(1);
  });

  it('that cannot be written are told of, and fail nothing', async () => {
    const { metrics, warnings } = measuring('stage', () => Promise.reject(new TypeError('no console')));
    metrics.add('HealthChanges', 1);
    await metrics.publish();
    expect(warnings).toEqual([['metrics not written', { error: 'TypeError' }]]);
  });

  it('are 50,000 at most between two writes; how many were left out is told', async () => {
    const { metrics, written, warnings } = measuring('stage');
    for (let call = 0; call < 50_003; call++) metrics.add('CallErrors', 0);
    await metrics.publish();
    expect(written).toEqual([[{ subject: undefined, CallErrors: Array(50_000).fill(0) }]]);
    expect(warnings).toEqual([['metrics left out', { values: 3 }]]);
  });
});
