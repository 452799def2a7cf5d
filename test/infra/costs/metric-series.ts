/** The series that CloudWatch makes of lines of the log: each costs by itself (AWS: embedded metric format specification). */
import * as z from 'zod';

const Line = z.looseObject({
  _aws: z.object({
    CloudWatchMetrics: z.array(
      z.object({
        Namespace: z.string(),
        Dimensions: z.array(z.array(z.string())),
        Metrics: z.array(z.object({ Name: z.string() })),
      }),
    ),
  }),
});

/** Each once, sorted; lines without metrics have none. */
export function seriesIn(lines: readonly string[]): string[] {
  const series = lines.flatMap((line) => {
    const { data } = Line.safeParse(JSON.parse(line));
    return data?._aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
      Dimensions.flatMap((names) => {
        const dimensions = names.map((name) => `${name}=${String(data[name])}`).sort();
        return Metrics.map(({ Name }) => [Namespace, Name, ...dimensions].join(' '));
      }),
    );
  });
  return [...new Set(series.flatMap((one) => one ?? []))].sort();
}
