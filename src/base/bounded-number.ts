/** Numbers that a caller writes: every fault says what is allowed, with an example. */
import * as z from 'zod';

interface Range {
  readonly from: number;
  readonly to: number;
  /** One that is often wanted. */
  readonly example: number;
}

const rule = (kind: string, { from, to, example }: Range): string =>
  `must be ${kind} from ${from} to ${to}, such as ${example}`;

export function wholeNumber(range: Range): z.ZodInt {
  const error = rule('a whole number', range);
  return z.int({ error }).min(range.from, { error }).max(range.to, { error });
}

export function anyNumber(range: Range): z.ZodNumber {
  const error = rule('a number', range);
  return z.number({ error }).min(range.from, { error }).max(range.to, { error });
}
