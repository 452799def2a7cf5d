/** What is asked of CloudWatch Logs. Every call throws `logs.unavailable` when it fails, and ends by its deadline. */
import {
  type CloudWatchLogsClient,
  FilterLogEventsCommand,
  GetQueryResultsCommand,
  type ResultField,
  StartQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { OrchestratorError } from '../../../base/errors.ts';
import type { FoundLine } from './seen-lines.ts';

/** Milliseconds since the epoch: at or after the first, before the second. */
export interface Times {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Events {
  readonly lines: readonly FoundLine[];
  /** Of where the search goes on; absent at its end. */
  readonly next: string | undefined;
}

export interface QueryResults {
  readonly status: 'running' | 'complete' | 'unknown';
  readonly lines: readonly FoundLine[];
}

export function createLogsApi(client: CloudWatchLogsClient) {
  return {
    /** The oldest first. */
    async events(
      asked: Times & { readonly group: string; readonly pattern: string; readonly limit: number },
      { next, signal }: { readonly next: string | undefined; readonly signal: AbortSignal },
    ): Promise<Events> {
      const command = new FilterLogEventsCommand({
        logGroupName: asked.group,
        filterPattern: asked.pattern,
        startTime: asked.fromMs,
        endTime: asked.toMs - 1,
        limit: asked.limit,
        ...(next !== undefined && { nextToken: next }),
      });
      const answer = await client.send(command, { abortSignal: signal }).catch(failed);
      const { events = [], nextToken } = answer;
      const lines = events.map(({ timestamp = 0, message = '' }) => ({ atMs: timestamp, text: message }));
      return { lines, next: nextToken };
    },
    /** Its id. */
    async startQuery(
      asked: Times & { readonly groups: readonly string[]; readonly query: string },
      signal: AbortSignal,
    ): Promise<string> {
      const command = new StartQueryCommand({
        logGroupNames: [...asked.groups],
        queryString: asked.query,
        startTime: Math.floor(asked.fromMs / 1_000),
        endTime: Math.ceil(asked.toMs / 1_000),
      });
      const { queryId } = await client.send(command, { abortSignal: signal }).catch(failed);
      if (queryId !== undefined) return queryId;
      throw unavailable('StartQuery gave no id');
    },
    async results(queryId: string, signal: AbortSignal): Promise<QueryResults> {
      const command = new GetQueryResultsCommand({ queryId });
      const answer = await client
        .send(command, { abortSignal: signal })
        .catch((thrown: unknown) =>
          nameOf(thrown) === 'ResourceNotFoundException' ? undefined : failed(thrown),
        );
      if (answer === undefined) return { status: 'unknown', lines: [] };
      const { status = '', results = [] } = answer;
      if (status === 'Complete') return { status: 'complete', lines: results.map(lineOfRow) };
      if (status === 'Scheduled' || status === 'Running') return { status: 'running', lines: [] };
      throw unavailable(`the query ended as ${status}`);
    },
  };
}

export type LogsApi = ReturnType<typeof createLogsApi>;

/** Times of results are in UTC, as `2026-11-28 12:00:00.123`. */
function lineOfRow(row: readonly ResultField[]): FoundLine {
  const textOf = (name: string): string => row.find(({ field }) => field === name)?.value ?? '';
  const atMs = Date.parse(`${textOf('@timestamp').replace(' ', 'T')}Z`);
  return { atMs: Number.isNaN(atMs) ? 0 : atMs, text: textOf('@message') };
}

const nameOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.name : 'no answer');

const unavailable = (why: string, cause?: unknown): OrchestratorError =>
  new OrchestratorError('logs.unavailable', `CloudWatch Logs: ${why}`, { cause });

/** By its name alone: its message may name what the caller may not see. */
function failed(thrown: unknown): never {
  throw unavailable(nameOf(thrown), thrown);
}
