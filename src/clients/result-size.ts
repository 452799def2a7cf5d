/** Bounds of a result: as JSON for the step, and on the wire, where it may be wrapped and written twice. */
import { OrchestratorError } from '../domain/errors.ts';
import type { Answered } from './service-call.ts';

/** An MCP answer holds a result as data and again as escaped text, inside an envelope; JSON may be indented. */
export const wireLimit = (maxResultBytes: number): number => 4 * maxResultBytes + 1_048_576;

/** Numbers beyond all bounds are null from here on, as they would be once they are written. */
const asWritten = (text: string, answered: Answered): Answered => ({ ...answered, value: JSON.parse(text) });

export function checkResultSize(answered: Answered, maxResultBytes: number, subject: string): Answered {
  const text = JSON.stringify(answered.value);
  const bytes = Buffer.byteLength(text);
  if (bytes <= maxResultBytes) return answered.warnings.length > 0 ? asWritten(text, answered) : answered;
  throw new OrchestratorError(
    'step.result-too-large',
    `${subject} answered a result of ${bytes} bytes; at most ${maxResultBytes} are taken`,
  );
}
