/** One operation of the API: its input, checked by zod, and what it does. */
import type * as z from 'zod';
import { parseInput } from '../../../src/base/parse-input.ts';
import type { ExecutionRegistry } from '../execution-registry.ts';
import type { MachineRegistry } from '../machine-registry.ts';
import { ApiError } from './api-error.ts';
import type { Account } from './names.ts';

export interface OperationContext {
  readonly account: Account;
  readonly machines: MachineRegistry;
  readonly executions: ExecutionRegistry;
}

/** Takes the parsed body of a request, returns the body of the answer; throws `ApiError`. */
export type Operation = (context: OperationContext, body: unknown) => object | Promise<object>;

const fault = ({ path, message }: z.core.$ZodIssue): string => `${path.join('.') || 'request'}: ${message}`;

export function operation<Input>(
  input: z.ZodType<Input>,
  run: (context: OperationContext, input: Input) => object | Promise<object>,
): Operation {
  return (context, body) => {
    const parsed = parseInput(input, body);
    if (parsed.success) return run(context, parsed.data);
    throw new ApiError('ValidationException', parsed.error.issues.map(fault).join('; '));
  };
}
