/** Requests and responses as every surface sees them: plain values, whatever brought them. */
import type { Caller } from '../domain/access.ts';
import { errorCatalogue, type OrchestratorError } from '../domain/errors.ts';

export interface HttpRequest {
  readonly method: string;
  /** Decoded by nobody yet; without the query. */
  readonly path: string;
  readonly query: Readonly<Record<string, readonly string[]>>;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** Who asks; undefined where nobody was authenticated. */
  readonly caller: Caller | undefined;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export const json = (status: number, value: unknown, headers: Record<string, string> = {}): HttpResponse => ({
  status,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
  body: JSON.stringify(value),
});

/** What a caller is told of an error, the same on every surface. */
export const errorToProblem = (error: OrchestratorError) => ({
  code: error.code,
  title: errorCatalogue[error.code].title,
  status: error.status,
  detail: error.message,
  ...(error.errors.length > 0 && { errors: error.errors }),
});

/** An error as RFC 9457 `application/problem+json`. */
export const problem = (error: OrchestratorError, headers: Record<string, string> = {}): HttpResponse =>
  json(
    error.status,
    { type: `urn:orchestrator:error:${error.code}`, ...errorToProblem(error) },
    {
      'content-type': 'application/problem+json',
      ...(error.retryAfterSeconds !== undefined && {
        'retry-after': String(Math.ceil(error.retryAfterSeconds)),
      }),
      ...headers,
    },
  );
