/** The metrics of a registry as text of OpenMetrics 1.0, in which counters are named without `_total`. */
import { type Metric, type OpenMetricsContentType, Registry } from 'prom-client';

export async function openMetricsOf(registry: Registry) {
  const open = new Registry<OpenMetricsContentType>();
  open.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  for (const { name } of registry.getMetricsAsArray()) {
    const metric = registry.getSingleMetric(name);
    if (metric) open.registerMetric(seenFrom(metric));
  }
  return { contentType: open.contentType, text: await open.metrics() };
}

/** The library renames counters for good when it writes this format: it is given views with names of their own. */
function seenFrom(metric: Metric): Metric {
  const view: Metric = Object.create(metric, {
    name: { value: Reflect.get(metric, 'name'), writable: true, enumerable: true },
  });
  return view;
}
