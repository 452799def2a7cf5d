/**
 * The closed catalogue of errors. A code is stable: clients, `Retry` and `Catch` match on it.
 * `status` is what HTTP answers; `retry` says whether the same request may succeed later.
 */
import * as z from 'zod';

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
  'service.unavailable': transient(503, 'The service has no instance to call'),
  'service.address-refused': permanent(403, 'The address of the service is not allowed'),
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

  'manifest.conflict': permanent(409, 'The manifest names what is managed elsewhere'),

  'step.interrupted': permanent(502, 'The call was interrupted before its answer was recorded'),
  'step.result-too-large': permanent(502, 'The result of the step is too large'),
  'step.result-not-found': permanent(404, 'There is no such result'),
  'step.expression-failed': permanent(500, 'An expression of the step could not be evaluated'),

  'internal.error': transient(500, 'Something failed inside the orchestrator'),
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof errorCatalogue;

/** Where a request, definition or manifest is wrong: a path such as `steps[2].call.service`, and why. */
export const Fault = z.object({ path: z.string(), message: z.string() });
export type Fault = Readonly<z.infer<typeof Fault>>;

/**
 * What is known of the effect of a call that failed: it had none, as it was never sent or changes nothing; or nobody
 * knows, as it was sent and no answer came.
 */
export const CallEffect = z.enum(['none', 'unknown']);
export type CallEffect = z.infer<typeof CallEffect>;

/** Faults that are listed; of more it is said how many there are. */
export const mostFaults = 100;

/** Characters of the path and of the message of a fault: both may quote what a stranger wrote. */
const mostCharacters = 1_000;

const cut = (text: string): string =>
  text.length <= mostCharacters ? text : `${text.slice(0, mostCharacters)}…`;

/** The first hundred, each of a readable length. */
export const listedFaults = (faults: readonly Fault[]): Fault[] =>
  faults
    .slice(0, mostFaults)
    .map((fault) => ({ ...fault, path: cut(fault.path), message: cut(fault.message) }));

/** How many faults there are besides the hundred that are listed. */
export const MoreErrors = z
  .int()
  .optional()
  .describe('How many faults there are besides those in errors, which lists the first 100');

export interface CountedFaults {
  readonly errors: Fault[];
  /** How many there are besides. */
  readonly moreErrors?: number;
}

/** Faults as an answer lists them; more were perhaps only counted. */
export function countedFaults(faults: readonly Fault[], counted = 0): CountedFaults {
  const moreErrors = counted + Math.max(0, faults.length - mostFaults);
  return { errors: listedFaults(faults), ...(moreErrors > 0 && { moreErrors }) };
}

export interface ErrorExtras {
  /** Every fault found, never only the first; the first hundred of them are kept. */
  readonly errors?: readonly Fault[];
  /** How many there are besides those in `errors`, when they were counted only. */
  readonly moreErrors?: number;
  /** When a retry makes sense, in seconds from now. */
  readonly retryAfterSeconds?: number | undefined;
  /** Of a call. */
  readonly effect?: CallEffect | undefined;
  /** False where no connection to the service was made. */
  readonly connected?: boolean | undefined;
  /** What the problem says besides (RFC 9457, 3.2). */
  readonly members?: Readonly<Record<string, unknown>> | undefined;
  readonly cause?: unknown;
}

/**
 * Every failure that a caller may see. `message` is written for the caller: what was refused, why, and
 * what to do; it never holds a secret, a stack or a payload. `name` is the code, because Step Functions
 * matches `Retry` and `Catch` on the error name.
 */
export class OrchestratorError extends Error {
  readonly code: ErrorCode;
  readonly errors: readonly Fault[];
  /** How many faults there are besides those. */
  readonly moreErrors: number;
  readonly retryAfterSeconds: number | undefined;
  readonly effect: CallEffect | undefined;
  readonly connected: boolean | undefined;
  readonly members: Readonly<Record<string, unknown>> | undefined;

  constructor(code: ErrorCode, message: string, extras: ErrorExtras = {}) {
    super(message, extras.cause === undefined ? undefined : { cause: extras.cause });
    this.name = code;
    this.code = code;
    this.errors = listedFaults(extras.errors ?? []);
    this.moreErrors = (extras.moreErrors ?? 0) + Math.max(0, (extras.errors?.length ?? 0) - mostFaults);
    this.retryAfterSeconds = extras.retryAfterSeconds;
    this.effect = extras.effect;
    this.connected = extras.connected;
    this.members = extras.members;
  }

  get status(): number {
    return errorCatalogue[this.code].status;
  }

  get retry(): RetryClass {
    return errorCatalogue[this.code].retry;
  }
}

interface Facts extends Pick<ErrorExtras, 'effect' | 'connected'> {
  /** Instead of the message that it has. */
  readonly message?: string;
}

/** The same error, with what is known besides. */
export function withFacts(
  error: OrchestratorError,
  { message = error.message, ...facts }: Facts,
): OrchestratorError {
  const { code, errors, moreErrors, retryAfterSeconds, effect, connected, members, cause } = error;
  return new OrchestratorError(code, message, {
    errors,
    moreErrors,
    retryAfterSeconds,
    effect,
    connected,
    members,
    ...facts,
    cause: cause ?? error,
  });
}

/** Of a call that was sent before without an answer: whatever it was answered then, the first one may have had its effect. */
export const afterLostTry = (error: OrchestratorError): OrchestratorError =>
  withFacts(error, {
    effect: 'unknown',
    message: `${error.message}; an earlier try got no answer, and whether it had its effect is not known`,
  });

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
  'service.unreachable',
  'service.connection-lost',
  'service.timeout',
  'service.failed',
  'service.throttled',
  'service.rejected',
  'service.redirected',
  'service.bad-response',
];

/** Any thrown value as a catalogue error; what is not ours becomes `internal.error` without its message. */
export function toOrchestratorError(thrown: unknown): OrchestratorError {
  if (thrown instanceof OrchestratorError) return thrown;
  return new OrchestratorError('internal.error', 'Something failed inside the orchestrator; see its log', {
    cause: thrown,
  });
}
