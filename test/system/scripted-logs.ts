/**
 * The API of CloudWatch Logs as far as get_logs asks it, over lines that a test gives (AWS: FilterLogEvents, StartQuery and
 * GetQueryResults in the API reference). Of filter patterns it knows those of JSON that are conjunctions of alternatives.
 */
import * as z from 'zod';
import { json, startScriptedService } from './scripted-service.ts';

export interface LoggedEvent {
  readonly group: string;
  readonly atMs: number;
  readonly line: Readonly<Record<string, unknown>> | string;
}

export interface ScriptedLogs {
  readonly url: string;
  readonly events: LoggedEvent[];
  /** Queries that run end now. */
  endQueries(): void;
  /** Requests of one action, as they came. */
  requests(action: string): unknown[];
  close(): Promise<void>;
}

export interface ScriptedLogsOptions {
  /** Events in an answer of FilterLogEvents, whatever limit was asked for. */
  readonly pageSize?: number;
  /** Whether FilterLogEvents finds nothing and never comes to an end, as in a group that is too large. */
  readonly endless?: boolean;
  /** How often GetQueryResults answers that the query still runs. */
  readonly looksUntilComplete?: number;
  /** Answered instead by one action: the name of an exception. */
  readonly failing?: Readonly<Record<string, string>>;
}

const Filter = z.object({
  logGroupName: z.string(),
  filterPattern: z.string(),
  startTime: z.number(),
  endTime: z.number(),
  limit: z.number().max(10_000),
  nextToken: z.string().optional(),
});
const Query = z.object({
  logGroupNames: z.array(z.string()).max(50),
  queryString: z.string(),
  startTime: z.number(),
  endTime: z.number(),
});

export async function startScriptedLogs(options: ScriptedLogsOptions = {}): Promise<ScriptedLogs> {
  const { pageSize = 10_000, endless = false, looksUntilComplete = 0, failing = {} } = options;
  const events: LoggedEvent[] = [];
  const seen: { readonly action: string; readonly body: unknown }[] = [];
  const queries: z.infer<typeof Query>[] = [];
  let looks = 0;
  let areEnded = false;

  const textOf = ({ line }: LoggedEvent): string => (typeof line === 'string' ? line : JSON.stringify(line));
  const sorted = (): LoggedEvent[] => [...events].sort((a, b) => a.atMs - b.atMs);

  function filter(body: unknown) {
    const asked = Filter.parse(body);
    if (endless) return { events: [], nextToken: `${Number(asked.nextToken ?? 0) + 1}` };
    const found = sorted().filter(
      (event) =>
        event.group === asked.logGroupName &&
        event.atMs >= asked.startTime &&
        event.atMs <= asked.endTime &&
        fits(asked.filterPattern, event.line),
    );
    const at = Number(asked.nextToken ?? 0);
    const until = at + Math.min(pageSize, asked.limit);
    return {
      events: found.slice(at, until).map((event) => ({ timestamp: event.atMs, message: textOf(event) })),
      ...(until < found.length && { nextToken: String(until) }),
    };
  }

  /** Of the query only its time and limit count: the tests look at its text. */
  function results() {
    if (!areEnded && looks++ < looksUntilComplete) return { status: 'Running', results: [] };
    const asked = queries.at(-1);
    if (!asked) return { status: 'Failed', results: [] };
    const inTime = sorted().filter(
      ({ atMs, group }) =>
        asked.logGroupNames.includes(group) &&
        atMs >= asked.startTime * 1_000 &&
        atMs < asked.endTime * 1_000,
    );
    const [, limit = '0'] = / limit (\d+)$/.exec(asked.queryString) ?? [];
    const rows = inTime.slice(0, Number(limit)).map((event) => [
      { field: '@timestamp', value: new Date(event.atMs).toISOString().replace('T', ' ').replace('Z', '') },
      { field: '@message', value: textOf(event) },
      { field: '@ptr', value: 'opaque' },
    ]);
    return { status: 'Complete', results: rows };
  }

  const service = await startScriptedService(({ body }, response, request) => {
    const action = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
    seen.push({ action, body });
    const failure = failing[action];
    if (failure !== undefined) return json(response, { __type: failure, message: 'as scripted' }, 400);
    if (action === 'FilterLogEvents') return json(response, filter(body));
    if (action === 'GetQueryResults') return json(response, results());
    queries.push(Query.parse(body));
    looks = 0;
    return json(response, { queryId: `query-${queries.length}` });
  });
  return {
    url: service.url,
    events,
    endQueries: () => {
      areEnded = true;
    },
    requests: (action) => seen.flatMap((one) => (one.action === action ? [one.body] : [])),
    close: service.close,
  };
}

/** `{ ($.level = "WARN" || $.level = "ERROR") && ($.workflowId = "x") }`; a star at the beginning of a value is any text. */
function fits(pattern: string, line: LoggedEvent['line']): boolean {
  if (typeof line === 'string') return false;
  return pattern.split(' && ').every((part) =>
    [...part.matchAll(/\$\.(\w+) = "([^"]*)"/g)].some(([, name = '', value = '']) => {
      const given = String(line[name]);
      return value.startsWith('*') ? given.endsWith(value.slice(1)) : given === value;
    }),
  );
}
