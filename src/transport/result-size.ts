/** Bounds of a result: as JSON for the step, and on the wire, where it may be wrapped and written twice. */
import { OrchestratorError } from '../base/errors.ts';
import { deepestNesting, isTooDeep } from '../base/nesting.ts';
import { brokenTexts } from './broken-texts.ts';
import type { Answered } from './service-call.ts';

/** An MCP answer holds a result as data and again as escaped text, inside an envelope; JSON may be indented. */
export const wireLimit = (maxResultBytes: number): number => 4 * maxResultBytes + 1_048_576;

/** Numbers beyond all bounds are null from here on, as they would be once they are written. */
const asWritten = (text: string, answered: Answered): Answered => ({ ...answered, value: JSON.parse(text) });

function withWarnings(text: string, answered: Answered): Answered {
  const warnings = [...answered.warnings, ...brokenTexts(answered.value, text)];
  return warnings.length > 0 ? asWritten(text, { ...answered, warnings }) : answered;
}

/** Throws `step.result-too-large`, or `service.bad-response` for one that is nested deeper than any value may be. */
export function checkResultSize(answered: Answered, maxResultBytes: number, subject: string): Answered {
  const text = textOf(answered.value);
  if (text === undefined || isTooDeep(text))
    throw new OrchestratorError(
      'service.bad-response',
      `${subject} answered a result that is nested more than ${deepestNesting} levels deep`,
    );
  const bytes = Buffer.byteLength(text);
  if (bytes <= maxResultBytes) return withWarnings(text, answered);
  throw new OrchestratorError(
    'step.result-too-large',
    `${subject} answered a result of ${bytes} bytes; at most ${maxResultBytes} are taken`,
  );
}

/** Undefined when it is nested deeper than the stack holds. */
function textOf(result: unknown): string | undefined {
  try {
    return JSON.stringify(result) ?? '';
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
