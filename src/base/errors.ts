/**
 * What a failure is that a caller may see: one of the catalogue (error-catalogue.ts), with the faults that were found and
 * what is known of its effect.
 */
import * as z from 'zod';
import { type ErrorCode, errorCatalogue, type RetryClass } from './error-catalogue.ts';

export {
  codeOfName,
  type ErrorCode,
  errorCatalogue,
  isErrorCode,
  nameOfLast,
  outgoingCodes,
  type RetryClass,
  transientCodes,
} from './error-catalogue.ts';

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

/** Any thrown value as a catalogue error; what is not ours becomes `internal.error` without its message. */
export function toOrchestratorError(thrown: unknown): OrchestratorError {
  if (thrown instanceof OrchestratorError) return thrown;
  return new OrchestratorError('internal.error', 'Something failed inside the orchestrator; see its log', {
    cause: thrown,
  });
}
