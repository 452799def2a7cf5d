/** Faults of a text say in which line they are. */
import { type Fault, OrchestratorError } from '../base/errors.ts';
import { faultsText } from '../base/faults.ts';

export type LineOf = (path: string) => number | undefined;

/** Does it, or throws what it throws with the line of each fault behind its message. */
export function withLines<T>(lineOf: LineOf, attempt: () => T): T {
  try {
    return attempt();
  } catch (error) {
    throw errorWithLines(error, lineOf);
  }
}

/** The same with the line of each fault behind its message, where it is an error that has faults. */
export function errorWithLines(error: unknown, lineOf: LineOf): unknown {
  if (!(error instanceof OrchestratorError)) return error;
  if (error.errors.every(({ path }) => lineOf(path) === undefined)) return error;
  const { code, message, moreErrors, cause } = error;
  const errors = error.errors.map((fault) => withLine(fault, lineOf));
  const said = message.replace(faultsText(error.errors), () => faultsText(errors));
  return new OrchestratorError(code, said, { errors, moreErrors, cause });
}

function withLine(fault: Fault, lineOf: LineOf): Fault {
  const line = lineOf(fault.path);
  return line === undefined ? fault : { ...fault, message: `${fault.message} (line ${line})` };
}
