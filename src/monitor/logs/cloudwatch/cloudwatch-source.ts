/**
 * get_logs on AWS. One execution, or up to an hour, is looked for by FilterLogEvents, which costs nothing; a longer time by
 * a query of Logs Insights, whose id the cursor carries while it runs. What FilterLogEvents does not get through in half
 * of the time that a request has goes on as a query too.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import * as z from 'zod';
import type { Clock } from '../../../base/clock.ts';
import { OrchestratorError } from '../../../base/errors.ts';
import { inBatches } from '../../../base/in-batches.ts';
import type { LogPage, LogSource, Reading } from '../log-source.ts';
import { filterPatternOf, insightsQueryOf } from '../model/log-filters.ts';
import { type LogQuery, lineOf } from '../model/log-line.ts';
import { createLogsApi, type LogsApi } from './logs-api.ts';
import { cloudWatchPace } from './pace.ts';
import { advanced, type FoundLine, Place, placeAfter, unseen } from './seen-lines.ts';

interface Options {
  readonly client: CloudWatchLogsClient;
  /** Of the functions whose lines are looked through. */
  readonly groups: readonly string[];
  readonly clock: Clock;
  /** SHA-256 of a text as hexadecimal digits. */
  readonly hash: (text: string) => string;
  /** Between two looks at a query that runs, in milliseconds. */
  readonly askEveryMs?: number;
}

/** `query`: of Logs Insights, which looks through the time up to `toMs`. */
const Position = Place.extend({
  query: z.strictObject({ id: z.string().max(256), toMs: z.number() }).optional(),
});
type Position = z.infer<typeof Position>;

/** An hour, and what an answer that goes up to now has besides. */
const longestFilteredMs = 3_660_000;
/** CloudWatch may take a line in so late. Who follows looks no further back, so that a long silence costs nothing. */
const latestMs = 60_000;
/** GetQueryResults answers with all that a query has found. */
const mostOfQuery = 1_000;
const groupsAtOnce = 4;

interface Search extends Options {
  readonly api: LogsApi;
  readonly query: LogQuery;
  readonly reading: Reading;
}

export function createCloudWatchSource(options: Options): LogSource {
  const api = createLogsApi(options.client);
  return {
    ...cloudWatchPace,
    read(query, reading) {
      const search = { ...options, api, query, reading };
      const position = positionOf(query, reading);
      if (position.query) return goOn(search, position, position.query);
      const isShort = query.toMs - position.fromMs <= longestFilteredMs || query.workflowId !== undefined;
      return isShort ? filter(search, position) : begin(search, position);
    },
  };
}

function positionOf({ fromMs }: LogQuery, { position }: Reading): Position {
  if (position === undefined) return { fromMs, seen: [] };
  const { data } = Position.safeParse(position);
  if (data) return data;
  const message = 'is not a cursor of this list; leave it out to start from the beginning';
  const errors = [{ path: 'cursor', message }];
  throw new OrchestratorError('request.invalid', `cursor ${message}`, { errors });
}

/** The oldest of every group, of which the oldest of all are given. */
async function filter(search: Search, position: Position): Promise<LogPage> {
  const { groups, clock, reading } = search;
  const untilMs = clock.now() + Math.max(0, (reading.deadlineMs - clock.now()) / 2);
  const ofGroups = await inBatches(groups, groupsAtOnce, (batch) =>
    Promise.all(batch.map((group) => filterGroup(search, { group, position, untilMs }))),
  );
  if (ofGroups.some(({ isWhole }) => !isWhole)) return begin(search, position);
  return pageOf(
    search,
    position,
    ofGroups.flatMap(({ lines }) => lines),
  );
}

async function filterGroup(
  { api, query, reading, clock }: Search,
  {
    group,
    position,
    untilMs,
  }: { readonly group: string; readonly position: Position; readonly untilMs: number },
): Promise<{ readonly lines: FoundLine[]; readonly isWhole: boolean }> {
  const most = reading.limit + position.seen.length + 1;
  const lines: FoundLine[] = [];
  const asked = {
    group,
    pattern: filterPatternOf(query),
    limit: most,
    fromMs: position.fromMs,
    toMs: query.toMs,
  };
  let next: string | undefined;
  do {
    if (clock.now() >= untilMs) return { lines, isWhole: false };
    const signal = within(untilMs - clock.now());
    try {
      const events = await api.events(asked, { next, signal });
      lines.push(...events.lines);
      next = events.next;
    } catch (error) {
      if (signal.aborted) return { lines, isWhole: false };
      throw error;
    }
  } while (next !== undefined && lines.length < most);
  return { lines, isWhole: true };
}

/** Node takes whole milliseconds alone, and none that are over. */
const within = (ms: number): AbortSignal => AbortSignal.timeout(Math.max(1, Math.ceil(ms)));

/** Starts a query over what is left of the time. */
async function begin(search: Search, { fromMs, seen }: Position): Promise<LogPage> {
  const { api, query, groups, reading, clock } = search;
  const { toMs } = query;
  const signal = within(reading.deadlineMs - clock.now());
  const asked = { groups, query: insightsQueryOf(query, mostOfQuery), fromMs, toMs };
  try {
    const id = await api.startQuery(asked, signal);
    return await goOn(search, { fromMs, seen }, { id, toMs });
  } catch (error) {
    if (signal.aborted) return notYet({ fromMs, seen });
    throw error;
  }
}

const notYet = (position: Position): LogPage => ({ lines: [], position, more: true });

/** Its lines when it has ended; otherwise the cursor goes on with it. */
async function goOn(
  search: Search,
  { fromMs, seen }: Position,
  asked: { readonly id: string; readonly toMs: number },
): Promise<LogPage> {
  const { api, reading, clock, askEveryMs = 500 } = search;
  const running = notYet({ fromMs, seen, query: asked });
  for (;;) {
    const leftMs = reading.deadlineMs - clock.now();
    if (leftMs <= 0 || reading.signal?.aborted) return running;
    const signal = within(leftMs);
    const results = await api.results(asked.id, signal).catch((error: unknown) => {
      if (signal.aborted) return undefined;
      throw error;
    });
    if (results?.status === 'complete')
      return pageOfQuery(search, { fromMs, seen, query: asked }, results.lines);
    // Results are kept for some days; the next request asks anew.
    if (results?.status === 'unknown') return notYet({ fromMs, seen });
    await sleep(Math.max(0, Math.min(askEveryMs, reading.deadlineMs - clock.now())));
  }
}

/** As long as it has lines that were not given, the cursor goes on with it. */
function pageOfQuery(search: Search, position: Position, found: readonly FoundLine[]): LogPage {
  const isWhole = found.length < mostOfQuery;
  const inTime = found.filter(({ atMs }) => atMs >= position.fromMs);
  const { given, place, more } = choose(search, position, inTime);
  if (more) return pageWith(given, { ...place, query: position.query }, true);
  return isWhole ? pageOf(search, position, inTime) : pageWith(given, place, true);
}

/** Of all that there is. */
function pageOf(search: Search, position: Position, found: readonly FoundLine[]): LogPage {
  const { query, clock } = search;
  const { given, place, more } = choose(search, position, found);
  const endedMs = Math.min(query.toMs, clock.now()) - latestMs;
  return pageWith(given, more ? place : advanced(place, endedMs), more);
}

const pageWith = (given: readonly FoundLine[], position: Position, more: boolean): LogPage => ({
  lines: given.flatMap(({ text }) => lineOf(text) ?? []),
  position,
  more,
});

function choose({ reading, hash }: Search, { fromMs, seen }: Position, found: readonly FoundLine[]) {
  const fresh = unseen(found, { fromMs, seen }, hash).sort((a, b) => a.atMs - b.atMs);
  const given = fresh.slice(0, reading.limit);
  const place = placeAfter({ fromMs, seen }, given, hash);
  return { given, place, more: fresh.length > given.length };
}
