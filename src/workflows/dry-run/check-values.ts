/** What templates of a definition have to come to, and how it is said that they do not. What is not known passes. */
import * as z from 'zod';
import { describeValue } from '../../expressions/model/describe-value.ts';
import { explainReason } from '../../expressions/model/explain-expression.ts';
import { messageOf } from '../../expressions/model/expression-error.ts';
import { isExpression, isWithin, sourceOf, textsOf } from '../../expressions/model/template.ts';
import { requestFaults } from '../../transport/model/request-faults.ts';
import { MAX_WAIT_SECONDS, type Request } from '../definition/definition.ts';
import { EvaluationFailed } from './evaluation.ts';
import { Unknown, unknownAsNull } from './unknown-results.ts';

export const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const isNotNull = (value: unknown): boolean => value !== null;
export const isFlag = (value: unknown): boolean => typeof value === 'boolean';
export const isDuration = (value: unknown): boolean =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MAX_WAIT_SECONDS;

export const durationText = `a whole number from 0 to ${MAX_WAIT_SECONDS}`;
export const timeText = 'a time such as "2026-11-23T09:30:00Z"';
const rfc3339 = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/** As Step Functions reads it: with its zone, on a day and hour that exist. */
export function isTime(value: unknown): boolean {
  const [text, day] = (typeof value === 'string' && rfc3339.exec(value)) || [];
  return text !== undefined && !Number.isNaN(Date.parse(text)) && z.iso.date().safeParse(day).success;
}

/** Where a template stands, and what it has to come to. */
export interface Field {
  readonly path: string;
  readonly expected?: string;
}

interface Written extends Field {
  readonly expected: string;
  /** What the author wrote. */
  readonly written: unknown;
}

export function mustBe(
  holds: (value: unknown) => boolean,
  value: unknown,
  { path, expected, written }: Written,
): void {
  if (value instanceof Unknown || holds(value)) return;
  const message =
    typeof written === 'string' && isExpression(written)
      ? explainReason({ source: sourceOf(written), expected }, { value }, {})
      : `is ${describeValue(value)}, expected ${expected}`;
  throw new EvaluationFailed([{ path, message }]);
}

/** What is not known is taken for something that can be sent. */
export function mustBeSendable(request: unknown, { at, written }: { at: string; written: Request }): void {
  const known = Object.entries(Object(request)).filter(([, part]) => !(part instanceof Unknown));
  const parts: Partial<Request> = Object(unknownAsNull(Object.fromEntries(known)));
  const faults = requestFaults({ path: '/', ...parts, method: written.method });
  if (faults.length === 0) return;
  const texts = [...textsOf(written, 'request')].filter(({ text }) => isExpression(text));
  throw new EvaluationFailed(
    faults.map((fault) => {
      const source = texts.find((text) => isWithin(fault.path, text.path))?.text;
      const message = source === undefined ? fault.message : `{% ${sourceOf(source)} %} ${fault.message}`;
      return { path: `${at}.${fault.path}`, message };
    }),
  );
}

export function failedWith(
  path: string,
  text: string,
  { thrown, bindings }: { thrown: unknown; bindings: Readonly<Record<string, unknown>> },
): EvaluationFailed {
  const reason = { thrown: messageOf(thrown) || 'it cannot be evaluated' };
  const message = explainReason({ source: sourceOf(text), expected: 'a value' }, reason, bindings);
  return new EvaluationFailed([{ path, message }]);
}
