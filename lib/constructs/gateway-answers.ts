/** What the gateway answers by itself, in the shape of every other error (RFC 9457). */
import { ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import { type ErrorCode, errorCatalogue } from '../../src/base/errors.ts';

interface GatewayAnswer {
  readonly type: ResponseType;
  readonly code: ErrorCode;
  readonly detail: string;
  /** Besides the content type. */
  readonly headers?: Readonly<Record<string, string>>;
}

const failed = 'Something failed inside the orchestrator';

const unauthorized = (challenge: string): GatewayAnswer => ({
  type: ResponseType.UNAUTHORIZED,
  code: 'access.unauthenticated',
  detail: 'Send Authorization: Bearer with a valid key',
  headers: { 'WWW-Authenticate': challenge },
});

const answers: Readonly<Record<string, GatewayAnswer>> = {
  Denied: {
    type: ResponseType.ACCESS_DENIED,
    code: 'access.denied',
    detail: 'The caller may not do this',
  },
  // What AWS calls so is a method that an open path does not have.
  NoRoute: {
    type: ResponseType.MISSING_AUTHENTICATION_TOKEN,
    code: 'route.not-found',
    detail: 'There is no such route',
  },
  TooLarge: {
    type: ResponseType.REQUEST_TOO_LARGE,
    code: 'request.too-large',
    detail: 'The body may have at most 6 MB',
  },
  Throttled: {
    type: ResponseType.THROTTLED,
    code: 'request.throttled',
    detail: 'Too many requests: slow down and try again',
    headers: { 'Retry-After': '1' },
  },
  TimedOut: {
    type: ResponseType.INTEGRATION_TIMEOUT,
    code: 'internal.error',
    detail: 'It took too long; ask again whether it took effect',
  },
  Failed: { type: ResponseType.INTEGRATION_FAILURE, code: 'internal.error', detail: failed },
  // Among them an authorizer that failed, and so let nobody in.
  Other: { type: ResponseType.DEFAULT_5XX, code: 'internal.error', detail: failed },
};

/** `challenge` is what a caller is told that proves nobody. */
export function addGatewayAnswers(rest: RestApi, challenge: string): void {
  const all = { Unauthorized: unauthorized(challenge), ...answers };
  for (const [id, { type, code, detail, headers = {} }] of Object.entries(all)) {
    rest.addGatewayResponse(id, {
      type,
      statusCode: String(errorCatalogue[code].status),
      templates: { 'application/json': problemText(code, detail) },
      responseHeaders: quoted({ 'Content-Type': 'application/problem+json', ...headers }),
    });
  }
}

/** The gateway takes what is in quotes as it is, and anything else for the name of something to put there. */
const quoted = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, `'${value}'`]));

const problemText = (code: ErrorCode, detail: string): string =>
  `${JSON.stringify({
    type: `urn:orchestrator:error:${code}`,
    code,
    title: errorCatalogue[code].title,
    status: errorCatalogue[code].status,
    detail,
  })}\n`;
