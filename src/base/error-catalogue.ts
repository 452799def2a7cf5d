/**
 * The closed catalogue of errors. A code is stable: clients, `Retry` and `Catch` match on it.
 * `status` is what HTTP answers; `retry` says whether the same request may succeed later.
 */

export type RetryClass = 'transient' | 'permanent';

interface ErrorKind {
  readonly status: number;
  readonly retry: RetryClass;
  readonly title: string;
}

const permanent = (status: number, title: string): ErrorKind => ({ status, retry: 'permanent', title });
const transient = (status: number, title: string): ErrorKind => ({ status, retry: 'transient', title });

export const errorCatalogue = {
  'request.invalid': permanent(400, 'The request does not have the documented shape'),
  'request.not-json': permanent(400, 'The body is not JSON'),
  'request.too-large': permanent(413, 'The request is too large'),
  'request.throttled': transient(429, 'Too many requests'),
  'request.host-not-allowed': permanent(403, 'The Host or Origin header is not allowed'),
  'route.not-found': permanent(404, 'There is no such route'),
  'route.method-not-allowed': permanent(405, 'The route does not answer this method'),
  'operation.not-found': permanent(404, 'There is no such operation'),
  'access.unauthenticated': permanent(401, 'The request proves nobody'),
  'access.denied': permanent(403, 'The caller may not do this'),
  'audit.unavailable': transient(503, 'The record of what was asked cannot be written'),
  'key.not-found': permanent(404, 'There is no such API key'),
  'key.too-many': permanent(409, 'There are as many API keys as there may be'),
  'key.revoked': permanent(409, 'The API key was revoked'),
  'user.not-found': permanent(404, 'There is no such user'),
  'user.exists': permanent(409, 'There is such a user already'),
  'user.too-many': permanent(409, 'There are as many users as there may be'),
  'role.not-found': permanent(404, 'There is no such role'),
  'role.built-in': permanent(409, 'The role is there always'),
  'role.too-many': permanent(409, 'There are as many roles as there may be'),
  'key.conflict': transient(409, 'The API key was changed at the same time'),

  'workflow.not-found': permanent(404, 'There is no such workflow'),
  'workflow.invalid': permanent(400, 'The workflow definition is not valid'),
  'workflow.managed-by-manifest': permanent(409, 'The workflow is managed by the manifest'),
  'workflow.archived': permanent(409, 'The workflow is archived'),
  'workflow.in-use': permanent(409, 'The workflow is in use'),
  'workflow.input-invalid': permanent(400, 'The input does not match the input schema of the workflow'),
  'workflow.compensated': permanent(409, 'The steps of the execution were undone'),
  'workflow.failed': permanent(502, 'The workflow did not succeed'),
  'workflow.nested-too-deep': permanent(409, 'Workflows run workflows too deep'),
  'workflow.conflict': transient(409, 'The workflow was changed at the same time'),
  'approval.not-found': permanent(404, 'There is no such approval'),
  'approval.decided': permanent(409, 'The step was decided otherwise'),
  'approval.rejected': permanent(409, 'The step was rejected'),
  'approval.expired': permanent(409, 'The step does not wait for a decision any more'),
  'execution.not-found': permanent(404, 'There is no such execution'),
  'execution.closed': permanent(409, 'The execution has ended'),
  'execution.open': permanent(409, 'The execution has not ended'),
  'execution.data-deleted': permanent(410, 'The data of the execution was deleted'),
  'execution.not-retryable': permanent(409, 'The execution cannot be retried'),
  'execution.cancelled': permanent(409, 'The execution is being cancelled'),
  'execution.start-failed': permanent(502, 'Step Functions refused to start the execution'),
  'idempotency.conflict': permanent(409, 'The idempotency key was used with another request'),

  'service.not-found': permanent(404, 'There is no such service'),
  'service.in-use': permanent(409, 'The service is in use'),
  'service.dependency-cycle': permanent(409, 'Services would depend on each other in a circle'),
  'service.managed-by-manifest': permanent(409, 'The service is managed by the manifest'),
  'service.changed': permanent(412, 'The service was changed since it was read'),
  'registry.conflict': transient(409, 'The registry was changed at the same time'),
  'registry.graph-full': permanent(409, 'The dependency graph is full'),
  'service.too-many-versions': permanent(409, 'The service has too many versions'),
  'instance.not-found': permanent(404, 'There is no such instance'),
  'instance.wrong-state': permanent(409, 'The instance is in a state in which this cannot be done'),
  'service.not-driven': permanent(409, 'Nothing here starts and stops the instances of the service'),
  'service.stopped': transient(503, 'The service is stopped'),
  'service.not-running': permanent(409, 'The service does not run'),
  'service.starting': transient(503, 'The service is starting'),
  'scaling.out-of-bounds': permanent(422, 'The service may not have so many instances'),
  'scaling.not-available': permanent(409, 'Nothing here measures what the scaling goes by'),
  'change.not-found': permanent(404, 'There is no such change'),
  'change.closed': permanent(409, 'The change has ended'),
  'driver.not-available': permanent(409, 'The driver cannot be used here'),
  'driver.url-not-allowed': permanent(400, 'A service whose instances are started has no url of its own'),
  'logs.not-available': permanent(409, 'No log is kept that could be looked through'),
  'logs.unavailable': transient(503, 'The log cannot be looked through now'),
  'driver.refused': permanent(502, 'The driver refused'),
  'service.unavailable': transient(503, 'The service has no instance to call'),
  'service.address-refused': permanent(403, 'The address of the service is not allowed'),
  'service.credential-not-allowed': permanent(403, 'The credential of the service may not be used for it'),
  'service.credential-unavailable': transient(503, 'The credential of the service could not be read'),
  'service.unreachable': transient(502, 'The service could not be reached'),
  'service.connection-lost': transient(502, 'The connection was lost before the service had answered'),
  'service.timeout': transient(504, 'The service did not answer in time'),
  'service.failed': transient(502, 'The service failed'),
  'service.throttled': transient(503, 'The service asks to slow down'),
  'service.rejected': permanent(502, 'The service rejected the call'),
  'service.redirected': permanent(502, 'The service answered with a redirect, which is not followed'),
  'service.bad-response': permanent(502, 'The service answered something that is not a valid response'),
  'service.tool-not-found': permanent(404, 'The service has no such tool'),
  'service.wrong-kind': permanent(400, 'The service is called in another way'),
  'service.arguments-invalid': permanent(400, 'The arguments do not match the input schema of the tool'),
  'service.tool-failed': permanent(502, 'The tool answered with an error'),
  'service.result-too-large': permanent(502, 'The result of the service is too large'),

  'webhook.not-found': permanent(404, 'There is no such webhook'),
  'webhook.too-many': permanent(409, 'There are as many webhooks as there may be'),
  'webhook.configured': permanent(409, 'The webhook is named by the configuration'),
  'webhook.disabled': permanent(409, 'The webhook is disabled'),

  'manifest.conflict': permanent(409, 'The manifest names what is managed elsewhere'),

  'step.interrupted': permanent(502, 'The call was interrupted before its answer was recorded'),
  'step.result-too-large': permanent(502, 'The result of the step is too large'),
  'step.result-not-found': permanent(404, 'There is no such result'),
  'step.expression-failed': permanent(500, 'An expression of the step could not be evaluated'),

  'internal.error': transient(500, 'Something failed inside the orchestrator'),
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof errorCatalogue;

export const isErrorCode = (text: string): text is ErrorCode => Object.hasOwn(errorCatalogue, text);

const lastSuffix = '.last';

/** The name of an error for Step Functions that no `Retry` matches: trying again is known to be of no use. */
export const nameOfLast = (code: ErrorCode): string => `${code}${lastSuffix}`;

/** The code that stands in the name of an error of a task. */
export const codeOfName = (name: string): string =>
  name.endsWith(lastSuffix) ? name.slice(0, -lastSuffix.length) : name;

const codesOf = (retry: RetryClass): ErrorCode[] =>
  Object.entries(errorCatalogue).flatMap(([code, kind]) =>
    kind.retry === retry && isErrorCode(code) ? [code] : [],
  );

/** The codes with which a step may fail and be tried again: what the compiler writes into `Retry`. */
export const transientCodes: readonly ErrorCode[] = codesOf('transient');

/** What can come of any request to a service, whatever it asks for. */
export const outgoingCodes: readonly ErrorCode[] = [
  'service.address-refused',
  'service.credential-not-allowed',
  'service.credential-unavailable',
  'service.unreachable',
  'service.connection-lost',
  'service.timeout',
  'service.failed',
  'service.throttled',
  'service.rejected',
  'service.redirected',
  'service.bad-response',
];
