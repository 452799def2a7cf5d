/** What an HTTP status that is not a success means for a call. */
import { type ErrorCode, OrchestratorError } from '../base/errors.ts';
import { excerpt, failureText, quoted } from './answer-text.ts';
import type { EgressResponse } from './egress-request.ts';
import { retryAfterSeconds } from './retry-after.ts';

export const isSuccess = ({ status }: EgressResponse): boolean => status >= 200 && status < 300;

/**
 * The error of an answer outside 2xx. 429, and 503 with Retry-After, are `service.throttled`; other 5xx
 * `service.failed`; 408 `service.timeout`; redirects `service.redirected`; other 4xx `service.rejected`.
 */
export function httpFailure(response: EgressResponse, subject: string): OrchestratorError {
  const code = failureCode(response);
  if (code === 'service.redirected') return redirected(response, subject);
  if (response.status === 304) return notModified(subject);
  const retryAfter = retryAfterSeconds(response.headers['retry-after'], Date.now());
  return new OrchestratorError(
    code,
    `${subject} answered ${response.status}${quoted(failureText(response))}`,
    {
      ...(retryAfter === undefined ? {} : { retryAfterSeconds: retryAfter }),
    },
  );
}

function failureCode({ status, headers }: EgressResponse): ErrorCode {
  if (status === 429) return 'service.throttled';
  if (status === 503 && headers['retry-after'] !== undefined) return 'service.throttled';
  if (status >= 500) return 'service.failed';
  if (status === 408) return 'service.timeout';
  if (status >= 400) return 'service.rejected';
  return status >= 300 && status !== 304 ? 'service.redirected' : 'service.bad-response';
}

const notModified = (subject: string) =>
  new OrchestratorError(
    'service.bad-response',
    `${subject} answered 304, that nothing has changed, which was not asked`,
  );

function redirected({ status, headers }: EgressResponse, subject: string): OrchestratorError {
  const place = placeOf(headers.location);
  const to = place === undefined ? '' : ` to ${place}`;
  return new OrchestratorError(
    'service.redirected',
    `${subject} answered ${status}, a redirect${to}, which is not followed; register the final url`,
  );
}

/** Where a redirect points, without credentials and query, which may hold secrets; a path when on the same host. */
function placeOf(location: string | undefined): string | undefined {
  const here = 'http://here.invalid';
  if (location === undefined || !URL.canParse(location, here)) return undefined;
  const { origin, pathname } = new URL(location, here);
  return excerpt(origin === here ? pathname : `${origin}${pathname}`);
}
