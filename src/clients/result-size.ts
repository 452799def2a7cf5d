/** Bounds of a result: as JSON for the step, and on the wire, where it may be wrapped and written twice. */
import { OrchestratorError } from '../domain/errors.ts';

/** An MCP answer holds a result as data and again as escaped text, inside an envelope; JSON may be indented. */
export const wireLimit = (maxResultBytes: number): number => 4 * maxResultBytes + 1_048_576;

export function checkResultSize<T>(result: T, maxResultBytes: number, subject: string): T {
  const bytes = Buffer.byteLength(JSON.stringify(result) ?? '');
  if (bytes <= maxResultBytes) return result;
  throw new OrchestratorError(
    'step.result-too-large',
    `${subject} answered a result of ${bytes} bytes; at most ${maxResultBytes} are taken`,
  );
}
