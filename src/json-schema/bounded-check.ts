/**
 * Runs a check of a JSON Schema for one second at most: patterns and references can make it endless, and a schema
 * may be a stranger's. Node can end what runs on its own thread only inside a script, so the check is called from one.
 */
import { createContext, Script } from 'node:vm';

const boundMs = 1000;
const nothing = (): void => undefined;
const called = { check: nothing };
const context = createContext(called);
const script = new Script('check()');

/** Throws an error that says what was too much, the time or the depth, and whatever the check itself throws. */
export function boundedCheck<T>(check: () => T): T {
  const results: T[] = [];
  called.check = () => {
    results.push(check());
  };
  try {
    script.runInContext(context, { timeout: boundMs });
  } catch (error) {
    throw reasonOf(error);
  } finally {
    called.check = nothing;
  }
  const [result] = results;
  if (result === undefined) throw new Error('has no result');
  return result;
}

function reasonOf(error: unknown): unknown {
  if (error instanceof RangeError)
    return new Error('it is nested too deeply, or refers to itself without end');
  return isTimeout(error) ? new Error(`it takes longer than ${boundMs / 1000} s`) : error;
}

/** Its error is of the script's realm, where `Error` is another. */
const isTimeout = (error: unknown): boolean =>
  typeof error === 'object' &&
  error !== null &&
  'code' in error &&
  error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
