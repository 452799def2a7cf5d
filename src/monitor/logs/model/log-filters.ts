/**
 * A question in the two languages of CloudWatch Logs (AWS: Filter pattern syntax for JSON log events; Logs Insights QL).
 * What is put in between quotes has been parsed: it holds no quotes, no backslashes and no wildcards.
 */
import { type LogQuery, levelsFrom } from './log-line.ts';

const exact = ['workflowId', 'service', 'instance'] as const;

const writtenLevels = ({ level }: LogQuery): string[] => levelsFrom(level).map((one) => one.toUpperCase());

export function filterPatternOf(query: LogQuery): string {
  const { step } = query;
  const levels = writtenLevels(query).map((level) => `($.level = "${level}")`);
  const fields = exact.flatMap((name) =>
    query[name] === undefined ? [] : [`($.${name} = "${query[name]}")`],
  );
  const steps = step === undefined ? [] : [`(($.step = "${step}") || ($.step = "*/${step}"))`];
  return `{ ${[`(${levels.join(' || ')})`, ...fields, ...steps].join(' && ')} }`;
}

/** At most so many lines, the oldest first. */
export function insightsQueryOf(query: LogQuery, most: number): string {
  const { step } = query;
  const levels = writtenLevels(query).map((level) => `"${level}"`);
  const fields = exact.flatMap((name) => (query[name] === undefined ? [] : [`${name} = "${query[name]}"`]));
  const steps =
    step === undefined ? [] : [`(step = "${step}" or step like /\\/${step.replaceAll('/', '\\/')}$/)`];
  const conditions = [`level in [${levels.join(', ')}]`, ...fields, ...steps].join(' and ');
  return `fields @timestamp, @message | filter ${conditions} | sort @timestamp asc | limit ${most}`;
}
