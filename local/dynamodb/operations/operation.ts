/** One operation of the API: its input, checked with the texts of AWS, and what it does. */
import type * as z from 'zod';
import type { Housekeeping } from '../storage/housekeeping.ts';
import type { Store } from '../storage/store.ts';
import { parseInput } from './input.ts';

export interface OperationContext {
  readonly store: Store;
  readonly housekeeping: Housekeeping;
  readonly region: string;
  readonly accountId: string;
  readonly nowMs: () => number;
}

/** Takes the parsed body of a request, returns the JSON of the answer; throws `ApiError`. */
export type Operation = (context: OperationContext, body: unknown) => string | Promise<string>;

export function operation<Input>(
  input: z.ZodType<Input>,
  run: (context: OperationContext, input: Input) => string | Promise<string>,
): Operation {
  return (context, body) => run(context, parseInput(input, body));
}

/** Changes something; the answer is given when it may be acknowledged. */
export function writing<Input>(
  input: z.ZodType<Input>,
  run: (context: OperationContext, input: Input) => string,
): Operation {
  return operation(input, (context, parsed) => {
    const answer = run(context, parsed);
    const acknowledged = context.store.environment.acknowledged();
    return acknowledged === undefined ? answer : acknowledged.then(() => answer);
  });
}
