import { isTooDeep } from '../../../src/base/nesting.ts';

/** A state that fails by its own rules, with the error name that Retry and Catch match on. */
export class StateFailure extends Error {
  readonly error: string | undefined;
  override readonly cause: string | undefined;
  /** The last event of the branch or iteration that failed. */
  readonly after: number | undefined;
  constructor(error: string | undefined, cause: string | undefined, after?: number) {
    super(cause ?? error ?? 'The state failed');
    this.error = error;
    this.cause = cause;
    this.after = after;
  }
}

/** Thrown inside the run of a frame that was given up; says nothing to anybody. */
export class Stopped extends Error {}

/** Bytes of JSON text that a state's input, output or result, or a variable, may have. */
export const largestValue = 262_144;

/** Whether a value has no JSON text, since it is nested too deep, or one of more than `largestValue` bytes. */
export function isTooLarge(value: unknown): boolean {
  const text = jsonText(value);
  if (text === undefined || isTooDeep(text)) return true;
  return text.length * 3 > largestValue && Buffer.byteLength(text) > largestValue;
}

/** Undefined for a value that is nested deeper than the call stack holds. */
function jsonText(value: unknown): string | undefined {
  try {
    return JSON.stringify(value) ?? '';
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** `States.ALL` does not match this one. */
export const dataLimitExceeded = (what: string): StateFailure =>
  new StateFailure(
    'States.DataLimitExceeded',
    `The state/task '${what}' returned a result with a size exceeding the maximum number of bytes service limit.`,
  );
