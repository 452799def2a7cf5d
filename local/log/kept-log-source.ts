/** get_logs of local mode: looks through the lines that are kept in the data folder. */
import { OrchestratorError } from '../../src/base/errors.ts';
import type { LogPage, LogSource, Reading } from '../../src/monitor/logs/log-source.ts';
import { type LogLine, type LogQuery, lineOf, matches } from '../../src/monitor/logs/model/log-line.ts';
import type { KeptLines } from './kept-lines.ts';

export const keptLogSource = (kept: KeptLines, now: () => number): LogSource => ({
  lookEveryMs: 300,
  longestMs: 25_000,
  async read(query, reading) {
    const asked = positionOf(reading.position);
    const from = Math.max(asked, kept.beginsAt());
    const lost = asked > 0 && asked < from;
    return { ...(await readFrom(kept, { query, reading, from, now })), ...(lost && { lost }) };
  },
});

function positionOf(position: unknown): number {
  if (position === undefined) return 0;
  if (typeof position === 'number' && Number.isInteger(position) && position >= 0) return position;
  const message = 'is not a cursor of this list; leave it out to start from the beginning';
  const errors = [{ path: 'cursor', message }];
  throw new OrchestratorError('request.invalid', `cursor ${message}`, { errors });
}

interface ReadFrom {
  readonly query: LogQuery;
  readonly reading: Reading;
  readonly from: number;
  readonly now: () => number;
}

async function readFrom(kept: KeptLines, { query, reading, from, now }: ReadFrom): Promise<LogPage> {
  const lines: LogLine[] = [];
  let position = from;
  while (position < kept.endsAt() && now() < reading.deadlineMs) {
    const stretch = await kept.from(position);
    for (const { text, endsAt } of stretch.lines) {
      position = endsAt;
      const line = mayMatch(query, text) ? lineOf(text) : undefined;
      if (line && matches(query, line)) lines.push(line);
      if (lines.length === reading.limit) return { lines, position, more: position < kept.endsAt() };
    }
    // Where a file ends, the next one begins.
    if (stretch.endsAt <= position && stretch.lines.length === 0) break;
    position = stretch.endsAt;
  }
  return { lines, position, more: position < kept.endsAt() };
}

/** What is not in the text, or too early, need not be parsed. */
const mayMatch = (
  { workflowId = '', service = '', instance = '', fromMs }: LogQuery,
  text: string,
): boolean =>
  text.includes(workflowId) &&
  text.includes(service) &&
  text.includes(instance) &&
  !(Date.parse(/"timestamp":"([^"]{20,40})"/.exec(text)?.[1] ?? '') < fromMs);
