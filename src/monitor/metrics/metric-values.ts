/** What was measured since it was written last. Measuring takes no time of a call: writing is begun by others, later. */
import type { MetricSubject, MetricsDetail, StageMetric } from './model/stage-metrics.ts';

/** Of the whole stage, or of one subject. */
export interface MetricBatch {
  readonly subject: MetricSubject | undefined;
  readonly values: ReadonlyMap<StageMetric, readonly number[]>;
}

export interface MetricValues {
  add(metric: StageMetric, value: number, subject?: MetricSubject): void;
  /** Writes everything that was added before; does not reject. */
  publish(): Promise<void>;
}

export interface MetricValuesContext {
  readonly detail: MetricsDetail;
  /** Where the batches go. */
  readonly write: (batches: readonly MetricBatch[]) => Promise<void>;
  readonly log: { warn(message: string, fields?: Record<string, unknown>): void };
}

type Kept = { readonly subject: MetricSubject | undefined; readonly values: Map<StageMetric, number[]> };

/** So many are kept between two writes; of more than that the rest is left out, and told of. */
const mostKept = 50_000;

export function createMetricValues({ detail, write, log }: MetricValuesContext): MetricValues {
  let kept = new Map<string, Kept>();
  let count = 0;
  let leftOut = 0;

  function addTo(key: string, subject: MetricSubject | undefined, metric: StageMetric, value: number): void {
    const batch = kept.get(key) ?? { subject, values: new Map<StageMetric, number[]>() };
    kept.set(key, batch);
    const values = batch.values.get(metric);
    if (values) values.push(value);
    else batch.values.set(metric, [value]);
    count += 1;
  }

  return {
    add(metric, value, subject) {
      if (count >= mostKept) {
        leftOut += 1;
        return;
      }
      addTo('', undefined, metric, value);
      if (detail === 'services' && subject) addTo(`${subject.of} ${subject.name}`, subject, metric, value);
    },
    async publish() {
      if (count === 0) return;
      const batches = [...kept.values()];
      if (leftOut > 0) log.warn('metrics left out', { values: leftOut });
      kept = new Map();
      count = 0;
      leftOut = 0;
      try {
        await write(batches);
      } catch (error) {
        log.warn('metrics not written', { error: error instanceof Error ? error.name : 'unknown' });
      }
    },
  };
}
