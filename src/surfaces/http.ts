/** Requests and responses as every surface sees them: plain values, whatever brought them. */
import { type Caller, challenge, keyWanted } from '../access/model/access.ts';
import { type ErrorCode, errorCatalogue, OrchestratorError } from '../base/errors.ts';
import type { TraceContext } from '../base/trace.ts';
import type { Asking } from '../operation/operation.ts';

export interface HttpRequest {
  readonly method: string;
  /** Where the caller reaches the API, without a slash at the end: `https://api.example.com/prod`. */
  readonly baseUrl: string;
  /** Decoded by nobody yet; without the query. */
  readonly path: string;
  readonly query: Readonly<Record<string, readonly string[]>>;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** Who asks; undefined where nobody was authenticated. */
  readonly caller: Caller | undefined;
  /** Aborts when the caller has gone, where that can be seen. */
  readonly signal?: AbortSignal | undefined;
  /** Counts what the caller uses. */
  readonly spend?: Asking['spend'];
  /** What is done for it is a part of. */
  readonly trace?: TraceContext | undefined;
}

/** A request of somebody who was authenticated. */
export type CallerRequest = HttpRequest & { readonly caller: Caller };

export const askingOf = ({ caller, signal, spend, trace }: CallerRequest): Asking => ({
  ...caller,
  signal,
  spend,
  trace,
});

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Why it was refused, for the log. */
  readonly code?: ErrorCode | undefined;
}

export const json = (status: number, value: unknown, headers: Record<string, string> = {}): HttpResponse => ({
  status,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
  body: `${JSON.stringify(value)}\n`,
});

/** What a caller is told of an error, the same on every surface. */
export const errorToProblem = (error: OrchestratorError) => ({
  code: error.code,
  title: errorCatalogue[error.code].title,
  status: error.status,
  detail: error.message,
  ...(error.errors.length > 0 && { errors: error.errors }),
  ...(error.effect && { effect: error.effect }),
  ...(error.moreErrors > 0 && { moreErrors: error.moreErrors }),
  ...error.members,
});

/** Throws `access.unauthenticated` for a request that nobody was authenticated for. */
export function withCaller(request: HttpRequest): CallerRequest {
  const { caller } = request;
  if (!caller) throw new OrchestratorError('access.unauthenticated', keyWanted);
  return { ...request, caller };
}

/**
 * An error as RFC 9457 `application/problem+json`; one that asks for a key says how (RFC 9110, 11.6.1). `more` are
 * members that an API wants besides, as the MCP Registry API wants `error`.
 */
export const problem = (
  error: OrchestratorError,
  headers: Record<string, string> = {},
  more: Readonly<Record<string, unknown>> = {},
): HttpResponse => ({
  ...json(
    error.status,
    { type: `urn:orchestrator:error:${error.code}`, ...errorToProblem(error), ...more },
    {
      'content-type': 'application/problem+json',
      ...(error.code === 'access.unauthenticated' && { 'www-authenticate': challenge }),
      ...(error.retryAfterSeconds !== undefined && {
        'retry-after': String(Math.ceil(error.retryAfterSeconds)),
      }),
      ...headers,
    },
  ),
  code: error.code,
});
